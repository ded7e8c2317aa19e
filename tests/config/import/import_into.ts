import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { parseCommand } from "../../../lib/cli/command.ts";
import { systemSources } from "../../../lib/config/sources.ts";
import { runCheck } from "../../../lib/modes/check.ts";
import { runImport } from "../../../lib/modes/import.ts";

/** A directory with files, for as long as it is needed. */
export interface Place extends AsyncDisposable {
  readonly path: string;
}

/** Makes files, by their paths in a new directory, which `DIR` names in their texts. */
export async function makeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Place> {
  const path = await Deno.makeTempDir({ prefix: "import-" });
  for (const [name, content] of Object.entries(files)) {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content.replaceAll("DIR", path))
      : content;
    await Deno.writeFile(file, bytes, { mode: 0o600 });
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** What a mode printed, and its exit status. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: readonly string[];
}

/** Runs `--import`, whose registry is missing unless one is named. */
export async function runImportOf(
  args: readonly string[],
  { stdin = "", env = {}, passwd }: {
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly passwd?: string;
  } = {},
): Promise<Ended> {
  const command = parseCommand(["--import", ...args]);
  assert.ok(command.mode === "import");
  const printed: string[] = [];
  const stderr: string[] = [];
  const status = await runImport(command, {
    ...systemSources,
    readTextFile: async (path) =>
      path === "/etc/passwd" && passwd !== undefined ? passwd : await Deno.readTextFile(path),
    env: (name) => env[name],
    name: "lmcp-hub",
    screen: { isTerminal: false, noColor: false },
    stdout: (line) => printed.push(line),
    stderr: (line) => stderr.push(line),
    stop: new AbortController().signal,
    onReload: () => () => {},
    streams: { input: new Blob([stdin]).stream() },
  });
  return { status, stdout: printed.map((line) => `${line}\n`).join(""), stderr };
}

/** The hosts of a TOML text, as plain objects. */
export function hostsOf(toml: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return JSON.parse(JSON.stringify(parse(toml).hosts ?? {}));
}

/** What `--check` says of a registry's text: its exit status and its last line. */
export async function checkText(
  text: string,
): Promise<{ status: number; lines: readonly string[] }> {
  await using place = await makeFiles({});
  const path = `${place.path}/hosts.toml`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  const command = parseCommand(["--check", "--registry", path]);
  assert.ok(command.mode === "check");
  const lines: string[] = [];
  const status = await runCheck(command, {
    ...systemSources,
    env: () => undefined,
    name: "lmcp-hub",
    screen: { isTerminal: false, noColor: false },
    stdout: (line) => lines.push(line.replaceAll(`${place.path}/`, "")),
    stderr: (line) => lines.push(line),
    canWriteKnownHosts: () => Promise.resolve(true),
    findAppendFault: () => Promise.resolve(null),
    findControlFault: () => Promise.resolve(null),
    findKeyPairFault: () => null,
  });
  return { status, lines };
}

/** What `Deno.test()` is to know of a test that needs a program, if the machine lacks it. */
export async function needs(
  program: string,
  name: string,
): Promise<{ name: string; ignore: boolean }> {
  const found = await new Deno.Command("sh", {
    args: ["-c", 'command -v "$0"', program],
    stdout: "null",
  }).output();
  return found.success
    ? { name, ignore: false }
    : { name: `${name} (ignored: ${program} is not installed)`, ignore: true };
}
