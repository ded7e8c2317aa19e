import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { callRecord } from "../../calls/record.ts";
import { openSshdTarget } from "../../fleet/ssh/target.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { callContext } from "../../mcp/call_context.ts";
import { openRoom } from "../../mcp/open_room.ts";
import { outputOptions } from "../../outputs/options.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { type RunAnswer, toAnswer } from "../run/lab.ts";

/** Hosts `agent1`, `agent2` … with real agents, and `ssh`, which has a real sshd alone. */
export interface CopyLab extends AsyncDisposable {
  /** All hosts share it. */
  readonly directory: string;
  readonly copy: (
    args: JsonObject,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (line: string) => void },
  ) => Promise<RunAnswer>;
  /** What was sent: `agent1 look`, `agent2 piece` … */
  readonly sent: readonly string[];
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
  if (target !== null) hosts.push({ ...target.host, name: "ssh" });
  const hub = stack.use(openHub({ hosts, ...(target && { ssh: target.ssh }) }));
  const sent: string[] = [];
  const dispatch: Dispatch = (host, work, call) => {
    sent.push(`${host.name} ${work.args.op}`);
    return hub.dispatch(host, work, call);
  };
  const registry = {
    path: "/lab/hosts.toml",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients: new Map(),
    groups: new Map(),
  };
  const tools: readonly Tool[] = createRemoteTools({
    access: () => access,
    dispatch,
    inventory: hub.inventory,
    listStates: hub.prober.listStates,
    now: systemClock.now,
    ...outputOptions(systemClock),
  });
  const access = createAccess({ registry, problems: [] }, tools);
  const tool = tools.find(({ name }) => name === "remote_copy");
  assert.ok(tool !== undefined);
  const owned = stack.move();
  return {
    directory,
    sent,
    copy: async (args, options = {}) => {
      const record = callRecord({ tool: "remote_copy", args, deliveries: [] });
      using room = openRoom();
      const { signal = new AbortController().signal, onProgress = () => {} } = options;
      const caller = { principal: "default", reportProgress: onProgress, signal };
      return toAnswer(await tool.call(args, callContext({ ...caller, record, room })), record);
    },
    leftOvers: async (folder = directory) => {
      const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      return entries.filter((name) => name.startsWith(".lmcp-"));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
