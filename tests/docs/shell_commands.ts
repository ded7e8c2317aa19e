import assert from "node:assert/strict";

/** A command as a shell would start it: its name and its arguments. */
export type ShellCommand = readonly [string, ...string[]];

/** Every program is unknown, and what handles that prints count and words, each ended by NUL. */
const PROGRAM = `exec 3>&1 >/dev/null
PATH=/nowhere
command_not_found_handle() { printf '%s\\0' "$#" "$@" >&3; }
for name in $2; do eval "function $name { command_not_found_handle $name \\"\\$@\\"; }"; done
eval "$1"`;

/** The commands of a snippet, as bash takes it apart; nothing is run. Fails if it cannot. */
export async function shellCommands(snippet: string): Promise<ShellCommand[]> {
  // bash looks for a name with a slash among its functions alone.
  const paths = [...snippet.matchAll(/^(\.{0,2}[\w.-]*\/[\w./-]+)/gm)].map(([path]) => path);
  const directory = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await new Deno.Command("bash", {
      args: ["--norc", "-c", PROGRAM, "bash", snippet, [...new Set(paths)].join(" ")],
      cwd: directory,
      stdin: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "", snippet);
    return parseWords(new TextDecoder().decode(stdout).split("\0"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function parseWords(words: readonly string[]): ShellCommand[] {
  const commands: ShellCommand[] = [];
  for (let at = 0; at + 1 < words.length;) {
    const count = Number(words[at]);
    const [name = "", ...args] = words.slice(at + 1, at + 1 + count);
    commands.push([name, ...args]);
    at += 1 + count;
  }
  return commands;
}
