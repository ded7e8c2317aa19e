import assert from "node:assert/strict";
import { type AgentToolsOptions, createAgentTools } from "../../lib/agent/catalog.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import type { CallToolResult } from "../../lib/mcp/tool.ts";
import { spawnProcess } from "../../lib/base/process.ts";
import type { Secret } from "../../lib/base/secret.ts";
import type { AnswerRoom } from "../../lib/mcp/room.ts";
import { callContext } from "../mcp/call_context.ts";
import { openRoom } from "../mcp/open_room.ts";
import { readResult } from "../mcp/read_result.ts";
import { removeDirectory } from "../remove_directory.ts";

/** The agent's tools over the real system, in a temporary directory that goes with it. */
export interface TestAgent extends AsyncDisposable {
  /** Real path of the temporary directory. */
  readonly directory: string;
  readonly stateDirectory: string;
  /** Lines given to `reportProgress`. */
  readonly progress: string[];
  readonly call: (
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options?: AbortSignal | { readonly meta: JsonObject },
    room?: AnswerRoom,
  ) => Promise<CallToolResult>;
}

/** Options of `startAgent()`. */
export interface TestAgentOptions {
  /** LMCP_ROOT, relative to the temporary directory; default: `/`, no limit. */
  readonly root?: string;
  readonly childEnv?: Readonly<Record<string, string>>;
  /** Absolute path; default: this program's working directory. */
  readonly home?: string;
  /** Relative to the temporary directory. */
  readonly ownFiles?: readonly string[];
  readonly denyPaths?: readonly string[];
  readonly token?: Secret;
}

/** An agent without limits, as `createAgentTools()` wants it. */
export const PLAIN_AGENT: AgentToolsOptions = {
  spawn: spawnProcess,
  program: "bash",
  home: "/",
  pid: Deno.pid,
  uid: null,
  token: null,
  ownFiles: [],
  denyPaths: [],
  childEnv: {},
  root: "/",
  stateDirectory: "/nonexistent",
};

/** Makes the tools and their directory. */
export async function startAgent(options: TestAgentOptions = {}): Promise<TestAgent> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const stateDirectory = `${directory}/state`;
  const progress: string[] = [];
  const tools = createAgentTools({
    ...PLAIN_AGENT,
    uid: Deno.uid(),
    token: options.token ?? null,
    ownFiles: (options.ownFiles ?? []).map((name) => `${directory}/${name}`),
    denyPaths: (options.denyPaths ?? []).map((name) => `${directory}/${name}`),
    home: options.home ?? Deno.cwd(),
    childEnv: options.childEnv ?? {},
    root: options.root === undefined ? "/" : `${directory}/${options.root}`,
    stateDirectory,
  });
  return {
    directory,
    stateDirectory,
    progress,
    call: async (name, args, options = new AbortController().signal, ownRoom = openRoom()) => {
      const tool = tools.find((candidate) => candidate.name === name);
      assert.ok(tool, `no tool ${name}`);
      const reportProgress = (line: string) => progress.push(line);
      const own = options instanceof AbortSignal ? { signal: options } : options;
      using room = ownRoom;
      return await readResult(
        await tool.call(args, callContext({ reportProgress, room, ...own })),
        room,
      );
    },
    [Symbol.asyncDispose]: () => removeDirectory(directory),
  };
}

/** The text of a result that is no error. */
export function textOf(result: CallToolResult): string {
  assert.notEqual(result.isError, true, JSON.stringify(result.content));
  return firstText(result);
}

/** The text of a result that is an error. */
export function errorOf(result: CallToolResult): string {
  assert.equal(result.isError, true, JSON.stringify(result.content));
  return firstText(result);
}

function firstText({ content: [block] }: CallToolResult): string {
  assert.ok(block?.type === "text");
  return block.text;
}
