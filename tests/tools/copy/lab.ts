import type { Host } from "../../../lib/fleet/host.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { callRecord } from "../../calls/record.ts";
import { openSshdTarget } from "../../fleet/ssh/target.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { labHost } from "../../lab/host.ts";
import { type LabHub, openHub } from "../../lab/hub.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { type RunAnswer, toAnswer } from "../run/lab.ts";

/** Hosts `agent1`, `agent2` … with real agents, and `ssh`, which has a real sshd alone. */
export interface CopyLab extends AsyncDisposable {
  /** All hosts share it. */
  readonly directory: string;
  readonly hub: LabHub;
  readonly copy: (
    args: JsonObject,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (line: string) => void },
  ) => Promise<RunAnswer>;
  /** Names of partial files, archives and the like that are left in the folder. */
  readonly leftOvers: (folder?: string) => Promise<readonly string[]>;
}

/** Opens a `CopyLab` with so many agents. */
export async function openCopyLab(
  agents: number,
  { withSsh = false, others = [] }: {
    readonly withSsh?: boolean;
    readonly others?: readonly Host[];
  } = {},
): Promise<CopyLab> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "copy-" }));
  stack.defer(() => removeDirectory(directory));
  const hosts: Host[] = [...others];
  for (const name of Array.from({ length: agents }, (_, at) => `agent${at + 1}`)) {
    await Deno.mkdir(`${directory}/${name}`);
    const agent = stack.use(startAgentServer(`${directory}/${name}`, { claims: true }));
    hosts.push(labHost({ name, lmcpUrl: agent.url, sshHost: null }));
  }
  const target = withSsh ? stack.use(await openSshdTarget({})) : null;
  if (target !== null) hosts.push(labHost({ name: "ssh", lmcpUrl: null, sshHost: "target" }));
  const hub = stack.use(openHub({ hosts, ...(target && { ssh: target.ssh }) }));
  const owned = stack.move();
  return {
    directory,
    hub,
    copy: async (args, options = {}) => {
      const record = callRecord({ tool: "remote_copy", args, deliveries: [] });
      return toAnswer(await hub.call("remote_copy", args, { ...options, record }), record);
    },
    leftOvers: async (folder = directory) => {
      const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      return entries.filter((name) => name.startsWith(".lmcp-"));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
