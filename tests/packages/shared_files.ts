import { dirname } from "node:path";
import { renderShared } from "../../scripts/share/files.ts";

/** Manual pages and completions in a directory of their own, for as long as they are needed. */
export interface SharedFiles extends AsyncDisposable {
  readonly directory: string;
}

/** Writes those of both programs. */
export async function writeShared(): Promise<SharedFiles> {
  const directory = await Deno.makeTempDir();
  for (const role of ["hub", "agent"] as const) {
    for (const { path, text } of renderShared(role, { version: "1.2.3", date: new Date(0) })) {
      await Deno.mkdir(dirname(`${directory}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${directory}/${path}`, text);
    }
  }
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

/** Defines a test that is ignored where a program is missing. */
export function testWith(program: string, name: string, fn: () => Promise<void>): void {
  const ignore = !isInstalled(program);
  Deno.test({ name: ignore ? `${name} (ignored: no ${program})` : name, ignore, fn });
}

function isInstalled(program: string): boolean {
  const { success } = new Deno.Command("sh", { args: ["-c", `command -v ${program}`] })
    .outputSync();
  return success;
}

/** Runs a program to its end; what it printed on both streams. */
export async function run(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: { LC_ALL: "C.UTF-8" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
