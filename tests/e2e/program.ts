import { fileURLToPath } from "node:url";
import { quote } from "../../lib/shell/quote.ts";
import { terminate } from "../../scripts/dev/terminate.ts";
import { V8_FLAGS } from "../../scripts/compile/v8_flags.ts";
import { freePort } from "../free_port.ts";

/** The permission sets of `deno.json` that the program ships with. */
export type PermissionSet = "hub" | "agent";

/** The hub's binary, to be run beside the agent's; without it `main.ts` is run. */
const BINARY = Deno.env.get("LMCP_TEST_BINARY");

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `main.ts` as a process. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What it has said so far on standard error. */
  readonly said: () => string;
  /** Its exit status, and all that it said on standard error. */
  readonly ended: Promise<Ended>;
  readonly kill: (signal: Deno.Signal) => void;
}

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** Options of `startProgram()`. */
export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the hub's. */
  readonly permissions?: PermissionSet;
  /** How many files and connections may be open at once; default: as here. */
  readonly descriptors?: number;
  /** Whether its standard streams are a terminal's, all of which is read from `stdout`. */
  readonly onTerminal?: boolean;
  /** The only directory that it may write to; of no use to a binary. */
  readonly writes?: string;
}

/** Whether the program is a binary, whose permissions are fixed. */
export const CANNOT_WRITE_ELSEWHERE = BINARY !== undefined;

/** Starts `main.ts` with the permissions it ships with, on a free port, and leaves nothing of it. */
export function startProgram(options: ProgramOptions = {}): RunningProgram {
  const port = freePort();
  const state = options.permissions === "agent" ? Deno.makeTempDirSync() : null;
  const child = command(port, {
    ...options,
    env: { ...(state === null ? {} : { LMCP_STATE_DIR: state }), ...options.env },
  }).spawn();
  let stderr = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
  })();
  const ended = Promise.all([child.status, reading]).then(([{ code }]) => ({ code, stderr }));
  return {
    pid: child.pid,
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    stdin: child.stdin,
    stdout: child.stdout,
    said: () => stderr,
    ended,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      terminate(child, "SIGKILL");
      await ended;
      if (!child.stdin.locked) await child.stdin.close().catch(() => {});
      if (!child.stdout.locked) await child.stdout.cancel();
      if (state !== null) await Deno.remove(state, { recursive: true });
    },
  };
}

/** Runs `main.ts` to its end. */
export async function runProgram(
  options: ProgramOptions = {},
): Promise<Ended & { readonly stdout: string }> {
  await using program = startProgram(options);
  const [{ code, stderr }, stdout] = await Promise.all([
    program.ended,
    new Response(program.stdout).text(),
  ]);
  return { code, stderr, stdout };
}

/** A file in a directory of its own, for as long as it is needed. */
export async function temporaryFile(
  name: string,
  text: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "e2e-" });
  await Deno.writeTextFile(`${directory}/${name}`, text, { mode: 0o600 });
  return {
    path: `${directory}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function command(port: number, options: ProgramOptions) {
  const { args = [], env = {}, permissions = "hub", descriptors, writes } = options;
  const more = writes === undefined ? [] : [`--allow-write=${writes}`];
  const flags = ["--quiet", "--no-prompt", V8_FLAGS, `-P=${permissions}`, ...more];
  const start = BINARY === undefined
    ? [Deno.execPath(), "run", ...flags, "main.ts"] as const
    : [BINARY.replace(/lmcp-hub(?=[^/]*$)/, `lmcp-${permissions}`)] as const;
  const limited = descriptors === undefined
    ? start
    : ["bash", "-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, ...start] as const;
  const [program, ...programArgs] = options.onTerminal === true
    ? ["script", "-qec", [...limited, ...args].map(quote).join(" "), "/dev/null"] as const
    : [...limited, ...args] as const;
  return new Deno.Command(program, {
    args: programArgs,
    cwd: ROOT,
    env: {
      LMCP_PORT: String(port),
      LD_LIBRARY_PATH: "",
      // Tests may run as root.
      ...(permissions === "agent" ? { LMCP_WITHOUT_TOKEN: "1" } : {}),
      ...env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}
