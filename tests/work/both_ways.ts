import assert from "node:assert/strict";
import type { Host } from "../../lib/fleet/host.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { openSshdTarget } from "../fleet/ssh/target.ts";
import { startAgentServer } from "../lab/agent_server.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";

/** The names of the two ways. */
export type Way = "agent" | "ssh";

/** The two ways to one machine: a real agent over HTTP, and a real sshd. */
export interface BothWays extends AsyncDisposable {
  /** A private directory of that machine, the home over both. */
  readonly directory: string;
  /** The structured answers of a call over either way, but for what differs between the ways. */
  readonly call: (tool: string, args: JsonObject) => Promise<Record<Way, JsonObject>>;
  /** The same over one of them. */
  readonly callOn: (way: Way, tool: string, args: JsonObject) => Promise<JsonObject>;
}

/** Opens them; `path` is the PATH of both. */
export async function openBothWays(path = Deno.env.get("PATH") ?? ""): Promise<BothWays> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "parity-" }));
  const agent = startAgentServer(directory, { path });
  const target = await openSshdTarget({ serverConfig: [loginIn(directory, path)] });
  const hosts: Host[] = [
    labHost({ name: "agent", lmcpUrl: agent.url, sshHost: null }),
    labHost({ name: "ssh", sshHost: "target", timeouts: target.host.timeouts }),
  ];
  const hub = openHub({ hosts, ssh: target.ssh });
  const callOn = async (host: Way, tool: string, args: JsonObject) => {
    const { isError, structuredContent } = await hub.call(tool, { host, ...args });
    const { host: _, via, fallback_reason: _reason, duration_ms: _ms, ...same } =
      structuredContent ?? {};
    assert.equal(via, host === "agent" ? "lmcp" : "ssh");
    return { isError, ...same };
  };
  return {
    directory,
    callOn,
    call: async (tool, args) => ({
      agent: await callOn("agent", tool, args),
      ssh: await callOn("ssh", tool, args),
    }),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** A line for sshd: logins start in a directory as their home. */
function loginIn(home: string, path: string): string {
  return `ForceCommand cd ${home} && HOME=${home} PATH=${path} exec bash -c "$SSH_ORIGINAL_COMMAND"`;
}
