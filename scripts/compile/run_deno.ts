import { CompileError } from "./compile_error.ts";

/** Runs this same Deno in the checkout; throws a `CompileError` with its output. */
export async function runDeno(root: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const [said = ""] = new TextDecoder().decode(stderr).split("\nStack backtrace:");
  throw new CompileError(`deno ${args[0]} failed\n${said.trim()}${adviseOn(said)}`);
}

function adviseOn(said: string): string {
  if (!said.includes("denort")) return "";
  return `

Deno could not get denort, the part of itself that goes into a binary, for this version and target.
Compile on a machine that reaches Deno's download site, or set DENORT_BIN to the path of a denort
of Deno ${Deno.version.deno}.`;
}
