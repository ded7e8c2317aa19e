import type { JsonObject } from "../../lib/mcp/message.ts";
import { type CallAnswer, callTool, untilListening } from "../e2e/client.ts";
import { type Ended, type RunningProgram, runProgram, startProgram } from "../e2e/program.ts";
import { removeDirectory } from "../remove_directory.ts";
import { startSshd } from "../sshd.ts";

/** The hub's own token, and those of two clients. */
export const TOKENS = {
  default: "of-the-operator-0123456789",
  alice: "of-alice-0123456789",
  bob: "of-bob-0123456789",
} as const;

/** `authorization` of one of them. */
export function headersOf(name: keyof typeof TOKENS): { readonly authorization: string } {
  return { authorization: `Bearer ${TOKENS[name]}` };
}

/** What makes every command on a host leave a line behind. */
export interface ConfirmedFleet extends AsyncDisposable {
  readonly directory: string;
  readonly hub: RunningProgram;
  readonly origin: string;
  /** A command that leaves a line. */
  readonly command: string;
  readonly call: (who: keyof typeof TOKENS, tool: string, args: JsonObject) => Promise<CallAnswer>;
  /** How often anything has run. */
  readonly countRuns: () => Promise<number>;
  /** Runs the hub's program beside it, with its variables. */
  readonly program: (...args: readonly string[]) => Promise<Ended & { readonly stdout: string }>;
  readonly restart: () => Promise<void>;
  readonly writeRegistry: (rules: string) => Promise<void>;
  readonly auditLines: () => Promise<readonly JsonObject[]>;
}

/** A hub with rules, a host `one` with an agent, and `two` with a real sshd. */
export async function startConfirmedFleet(
  rules: string,
  { hubFlags = [] }: { readonly hubFlags?: readonly string[] } = {},
): Promise<ConfirmedFleet> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.realPath(await Deno.makeTempDir());
  stack.defer(() => removeDirectory(directory));
  const sshd = stack.use(await startSshd());
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const registry = `${directory}/hosts.toml`;
  const writeRegistry = (text: string) =>
    Deno.writeTextFile(
      registry,
      `
[hosts.one]
lmcp_url = "${agent.url}"
tags = ["prod"]
[hosts.two]
ssh_host = "target"
[clients.alice]
token_env = "LMCP_TOKEN_ALICE"
[clients.bob]
token_env = "LMCP_TOKEN_BOB"
${text}`,
      { mode: 0o600 },
    );
  await writeRegistry(rules);
  const env = {
    LMCP_HUB_CONTROL_DIR: `${directory}/c`,
    LMCP_HUB_SSH_CONFIG: sshd.sshConfig,
    LMCP_HUB_AUDIT: `${directory}/audit.jsonl`,
    LMCP_TOKEN: TOKENS.default,
    LMCP_TOKEN_ALICE: TOKENS.alice,
    LMCP_TOKEN_BOB: TOKENS.bob,
  };
  const start = () =>
    startProgram({ args: ["--registry", registry, ...hubFlags], env, writes: directory });
  const hubs = [start()];
  const current = () => {
    const hub = hubs.at(-1);
    if (hub === undefined) throw new Error("There is no hub");
    return hub;
  };
  stack.defer(async () => {
    for (const hub of hubs) await hub[Symbol.asyncDispose]();
  });
  await Promise.all([untilListening(agent.port), untilListening(current().port)]);
  const owned = stack.move();
  return {
    directory,
    get hub() {
      return current();
    },
    get origin() {
      return `http://127.0.0.1:${current().port}`;
    },
    command: `echo ran >>'${directory}/journal'; echo done`,
    call: (who, tool, args) => callTool(current().url, { tool, args, headers: headersOf(who) }),
    countRuns: async () =>
      (await Deno.readTextFile(`${directory}/journal`).catch(() => "")).split("\n").length - 1,
    program: (...args) => runProgram({ args, env, writes: directory }),
    restart: async () => {
      await current()[Symbol.asyncDispose]();
      hubs.push(start());
      await untilListening(current().port);
    },
    writeRegistry,
    auditLines: async () => {
      const text = await Deno.readTextFile(`${directory}/audit.jsonl`);
      return text.trimEnd().split("\n").map((line): JsonObject => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The id in the text of a call that waits. */
export function idIn({ text }: Pick<CallAnswer, "text">): string {
  return /--approve ([a-z0-9]+)/.exec(text)?.[1] ?? "";
}
