import type { Logger } from "../../base/log.ts";
import { spawnProcess } from "../../base/process.ts";
import type { Configuration } from "../../config/load.ts";
import { usesSsh } from "../../fleet/lmcp/ssh_url.ts";
import { canWriteKnownHosts, KNOWN_HOSTS_WARNING } from "../../fleet/ssh/known_hosts.ts";
import { createSshClient } from "./client.ts";

/** Warns where ssh cannot keep the keys of hosts; the start does not wait until that is known. */
export async function warnOfHostKeys(
  { settings, registry }: Configuration,
  log: Logger,
): Promise<void> {
  if (![...registry.hosts.values()].some(usesSsh)) return;
  const client = createSshClient(settings, () => registry);
  if (!await canWriteKnownHosts(spawnProcess, client)) log.warn(KNOWN_HOSTS_WARNING);
}
