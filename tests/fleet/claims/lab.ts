import type { Host } from "../../../lib/fleet/host.ts";
import type { Ssh } from "../../../lib/fleet/ssh/client.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { type AgentServer, startAgentServer } from "../../lab/agent_server.ts";
import { labHost } from "../../lab/host.ts";
import { type LabHub, openHub } from "../../lab/hub.ts";
import { type Relay, startRelay, type Strike } from "../../lab/relay.ts";
import { summary } from "../answers.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** A hub, and an agent that claims calls, with a network between them that can break. */
export interface ClaimsLab extends AsyncDisposable {
  /** A temporary directory: the home of the agent's user. */
  readonly directory: string;
  /** The folder of claims. */
  readonly claims: string;
  readonly relay: Relay;
  readonly hub: LabHub;
  readonly host: Host;
  /** How the next call fares that has not fared yet. */
  readonly strikeNext: (strike: Strike) => void;
  /** Runs a command that leaves a line each time it runs. */
  readonly shell: (more?: string, args?: JsonObject) => Promise<ReturnType<typeof summary>>;
  /** How often such a command has run. */
  readonly runs: () => Promise<number>;
}

/** Options of `openClaimsLab()`. */
export interface ClaimsLabOptions {
  /** Default: the host has no ssh. */
  readonly ssh?: Ssh;
  /** Whether the host has a backend; default: yes. */
  readonly lmcp?: boolean;
  /** Whether that is reached through ssh, as what ssh calls `target`; default: no. */
  readonly behindSsh?: boolean;
  /** Default: as long as nobody waits for. */
  readonly timeouts?: Partial<Host["timeouts"]>;
}

/** Puts it all together. */
export async function openClaimsLab(
  { ssh, lmcp = true, behindSsh = false, timeouts }: ClaimsLabOptions = {},
): Promise<ClaimsLab> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const agent: AgentServer = startAgentServer(directory, { claims: true });
  let next: Strike = "pass";
  const relay = await startRelay({
    target: agent.url,
    strike: ({ method }) => {
      if (method !== "tools/call") return "pass";
      const struck = next;
      next = "pass";
      return struck;
    },
  });
  const host = labHost({
    lmcpUrl: !lmcp ? null : behindSsh ? throughSsh(relay.url) : relay.url,
    sshHost: ssh === undefined ? null : "target",
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  const hub = openHub({ hosts: [host], ...(ssh === undefined ? {} : { ssh }) });
  const journal = `${directory}/journal`;
  return {
    directory,
    claims: `${directory}/state/claims`,
    relay,
    hub,
    host,
    strikeNext: (strike) => {
      next = strike;
    },
    shell: async (more = "true", args = {}) => {
      const command = `echo run >>${journal}; ${more}`;
      return summary(await hub.call("remote_shell", { host: host.name, command, ...args }));
    },
    runs: async () =>
      (await Deno.readTextFile(journal).catch(() => "")).split("\n").filter(Boolean).length,
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
      await removeDirectory(directory);
    },
  };
}

/** The URL of what listens on 127.0.0.1, as the host that ssh calls `target` has it. */
export function throughSsh(url: string): string {
  return url.replace("http://127.0.0.1", "ssh://target");
}

/** Has a folder of claims look as if it had been in use since the host started. */
export async function makeOld(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(".since-")) await Deno.writeTextFile(`${folder}/${name}`, "0\n");
  }
}
