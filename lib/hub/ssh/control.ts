import type { Logger } from "../../base/log.ts";
import { findControlFault, openSshControl, type SshControl } from "../../fleet/ssh/control.ts";

/** Without a safe place for its sockets ssh makes a connection for each call, which is slower. */
export async function openControl(
  directories: readonly string[],
  log: Logger,
): Promise<SshControl | null> {
  if (Deno.pid === 1) {
    log.warn("nothing reaps ssh connections that end: use an init, such as docker run --init");
  }
  const reasons: unknown[] = [];
  const warn = (error: unknown) => {
    log.warn("ssh connections are not reused for now", { reasons: [error] });
  };
  for (const directory of directories) {
    try {
      return await openSshControl(directory, { warn });
    } catch (error) {
      reasons.push(await findControlFault(directory) ?? error);
    }
  }
  log.warn("ssh connections are not reused, set LMCP_HUB_CONTROL_DIR", { reasons });
  return null;
}
