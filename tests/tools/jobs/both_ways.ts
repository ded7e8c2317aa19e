import assert from "node:assert/strict";
import type { CallRecord } from "../../../lib/calls/record.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import { callRecord } from "../../calls/record.ts";
import { untilListening } from "../../e2e/client.ts";
import { type RunningProgram, startProgram } from "../../e2e/program.ts";
import { openSshdTarget } from "../../fleet/ssh/target.ts";
import { freePort } from "../../free_port.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { until } from "../../processes.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** One machine with a real agent, as a program of its own, and a real sshd, and a hub that knows both. */
export interface BothWays extends AsyncDisposable {
  /** Below it the agent and the ssh user keep what they keep. */
  readonly directory: string;
  readonly startAgent: () => Promise<RunningProgram>;
  readonly stopSsh: () => Promise<void>;
  /** Calls a tool for the host, which is named `both`; the call is noted in the record. */
  readonly call: (tool: string, args?: JsonObject, record?: CallRecord) => Promise<Answer>;
  /** Calls `remote_output` for a job until its text holds another. */
  readonly untilText: (id: string, text: string) => Promise<void>;
}

/** What a call was answered, and over which transport. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: JsonObject;
  readonly via: "lmcp" | "nats" | "ssh" | null;
}

/** Opens it; no agent runs yet. */
export async function openBothWays(): Promise<BothWays> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "jobs-" }));
  stack.defer(() => removeDirectory(directory));
  const state = `XDG_STATE_HOME=${directory}/own`;
  const login = `ForceCommand ${state} exec bash -c "$SSH_ORIGINAL_COMMAND"`;
  const target = stack.use(await openSshdTarget({ serverConfig: [login] }));
  const { sshMs, sshHardMs } = target.host.timeouts;
  const port = freePort();
  const host = labHost({
    name: "both",
    sshHost: "target",
    lmcpUrl: `http://127.0.0.1:${port}/mcp`,
    timeouts: { sshMs, sshHardMs },
  });
  const hub = stack.use(openHub({ hosts: [host], ssh: target.ssh }));

  const call: BothWays["call"] = async (
    tool,
    args = {},
    record = callRecord({ deliveries: [] }),
  ) => {
    const named = tool === "remote_jobs" ? {} : { host: "both" };
    return toAnswer(await hub.call(tool, { ...named, ...args }, { record }), record);
  };

  const owned = stack.move();
  return {
    directory,
    call,
    startAgent: async () => {
      const agent = startProgram({
        permissions: "agent",
        args: ["--agent"],
        env: {
          LMCP_PORT: String(port),
          LMCP_STATE_DIR: `${directory}/agent`,
          XDG_STATE_HOME: `${directory}/own`,
        },
      });
      await untilListening(port);
      return agent;
    },
    stopSsh: target.sshd.stop,
    untilText: async (id, text) => {
      await until(async () => (await call("remote_output", { id })).text.includes(text));
    },
    [Symbol.asyncDispose]: async () => {
      // By the sshd, or by an agent that is left; whatever still runs would outlive the test.
      const { structured: { jobs } } = await call("remote_jobs", { state: "running" });
      for (const { id } of Array.isArray(jobs) ? jobs : []) {
        await call("remote_kill", { id, signal: "KILL" });
      }
      await owned.disposeAsync();
    },
  };
}

function toAnswer(result: CallToolResult, { deliveries }: CallRecord): Answer {
  const [first] = result.content;
  assert.ok(first?.type === "text");
  return {
    text: first.text,
    isError: result.isError === true,
    structured: result.structuredContent ?? {},
    via: deliveries[0]?.via ?? null,
  };
}

/** The id of the job that an answer of `remote_shell_bg` is about. */
export function jobIn({ text, isError }: Pick<Answer, "text" | "isError">): string {
  assert.equal(isError, false, text);
  const [, id = ""] =
    /^(?:\[via ssh fallback\]\n)?PID \d+, log \/.*\/jobs\/(\w+)\/out$/.exec(text) ??
      [];
  assert.notEqual(id, "", text);
  return id;
}
