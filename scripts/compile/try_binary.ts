import { CompileError } from "./compile_error.ts";

/** Starts a binary for this machine; throws a `CompileError` if it does not start. */
export async function tryBinary(path: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(path, {
    args: ["--version"],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const [said = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  throw new CompileError(
    `${path} does not start: ${said}\n` +
      `If DENORT_BIN is set, it must name a denort of Deno ${Deno.version.deno}.`,
  );
}
