import { CompileError } from "./compile_error.ts";

/** `deno compile` parses all files of a package, tests too, and with 2 MiB some are too deep for it. */
const MIN_STACK_BYTES = 16 * 1024 * 1024;

/** Runs this same Deno in the checkout; gives what it printed. Throws a `CompileError`. */
export async function runDeno(root: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1", RUST_MIN_STACK: String(MIN_STACK_BYTES) },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const [said = ""] = decoder.decode(stderr).split("\nStack backtrace:");
  throw new CompileError(`deno ${args[0]} failed\n${said.trim()}${adviseOn(said)}`);
}

function adviseOn(said: string): string {
  if (!said.includes("denort")) return "";
  return `

Deno could not get denort, the part of itself that goes into a binary, for this version and target.
Compile on a machine that reaches Deno's download site, or set DENORT_BIN to the path of a denort.`;
}
