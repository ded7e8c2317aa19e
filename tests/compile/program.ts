import { fileURLToPath } from "node:url";
import { denoEnv } from "../deno_env.ts";
import { roleArgument } from "../../lib/cli/role.ts";
import type { Role } from "../../lib/config/variables.ts";
import { terminate } from "../../scripts/dev/terminate.ts";

/** The checkout, with a final slash. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The hub's binary, which tests then run beside the agent's. Without it they run `main.ts` as the
 * binaries are made of it: with the same permissions and the same role.
 */
const BINARY = Deno.env.get("LMCP_TEST_BINARY");

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that are not set at all. */
  readonly unset?: readonly string[];
}

/** The command for a binary, in an environment that holds little but a `PATH` without Deno. */
export function programCommand(
  role: Role,
  args: readonly string[],
  { cwd, env = {}, unset = [] }: ProgramOptions,
): Deno.Command {
  const [program, ...first] = BINARY === undefined
    ? denoRun(role)
    : [BINARY.replace(/lmcp-hub(?=[^/]*$)/, `lmcp-${role}`)];
  const given = BINARY === undefined ? denoEnv() : {};
  // Tests may run as root.
  const own = role === "agent" ? { LMCP_WITHOUT_TOKEN: "1", LMCP_STATE_DIR: `${cwd}/state` } : {};
  const all = { PATH: "/usr/bin:/bin", ...given, TMPDIR: cwd, ...own, ...env };
  return new Deno.Command(program, {
    args: [...first, ...args],
    cwd,
    clearEnv: true,
    env: Object.fromEntries(Object.entries(all).filter(([name]) => !unset.includes(name))),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** What a program printed, and its exit status. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a binary to its end, with a text as its standard input. */
export async function finish(command: Deno.Command, input = ""): Promise<Finished> {
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** A binary that serves. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  /** Asks it to stop, and waits until it has. */
  readonly stop: () => Promise<Finished>;
}

/** Starts a binary that says on standard error where it listens. Throws what it said if it ends. */
export async function serve(command: Deno.Command): Promise<Served> {
  const child = command.spawn();
  await child.stdin.close();
  const stdout = new Response(child.stdout).text();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let stderr = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await lines.read();
    stderr += value ?? "";
    if (done) throw new Error(`It does not serve: ${stderr}${await stdout}`);
    url = /url=(\S+)\s/.exec(stderr)?.[1];
  }
  const rest = readRest(lines);
  let finished: Promise<Finished> | null = null;
  const stop = async () => {
    terminate(child);
    const { code } = await child.status;
    return { code, stdout: await stdout, stderr: stderr + await rest };
  };
  return {
    url,
    stop: () => finished ??= stop(),
    [Symbol.asyncDispose]: async () => void await (finished ??= stop()),
  };
}

async function readRest(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
  }
}

function denoRun(role: Role): [string, ...string[]] {
  const flags = ["--quiet", "--no-prompt", `--permission-set=${role}`];
  return [Deno.execPath(), "run", ...flags, `${ROOT}main.ts`, roleArgument(role)];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
