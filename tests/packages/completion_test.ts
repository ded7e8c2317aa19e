import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/cli/scan.ts";
import { FLAGS } from "../../lib/cli/flags.ts";
import { roleArgument } from "../../lib/cli/role.ts";
import { type Option, optionsOf } from "../../scripts/share/options.ts";
import { run, testWith, writeShared } from "./shared_files.ts";

const REGISTRY = "hosts of mine.toml";

/** What is typed, and what it becomes, or may become. */
const CASES = [
  ["lmcp-hub --prob", ["--probe"]],
  ["lmcp-hub --pro --q", ["--quiet"]],
  ["lmcp-hub --results s", ["structured"]],
  ["lmcp-hub --probe --format j", ["json"]],
  ["lmcp-hub --registry ho", [REGISTRY]],
  ["lmcp-hub --port h", []],
  ["lmcp-hub h", []],
  ["lmcp-hub --import t", ["tailscale"]],
  ["lmcp-hub --import ansible ho", [REGISTRY]],
  ["lmcp-hub --import ansible --q", ["--quiet"]],
  ["lmcp-agent --prob", []],
  ["lmcp-agent --b", ["--bind"]],
] as const;

/** A folder with one file. */
async function makeFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  await Deno.writeTextFile(`${path}/${REGISTRY}`, "");
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("completion knows every option, and no other", () => {
  for (const role of ["hub", "agent"] as const) {
    for (const option of optionsOf(role)) {
      for (const args of argumentsOf(option)) assert.equal(complaintAbout(role, args), null, args);
    }
  }
  const names = new Set(optionsOf("hub").map(({ name }) => name));
  assert.deepEqual([...FLAGS.keys()].filter((name) => !names.has(name)), []);
});

/** What options accept that do not accept any text. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["port", "1"],
  ["approve", "abcdefghjk"],
  ["deny", "abcdefghjk"],
]);

/** An option as it may be given: each of its values. */
function argumentsOf({ name, letter, value }: Option): readonly string[] {
  switch (value.kind) {
    case "none":
      return letter === null ? [`--${name}`] : [`--${name}`, `-${letter}`];
    case "choice":
      return value.choices.map((choice) => `--${name}=${choice}`);
    case "file":
    case "text":
      return [`--${name}=${VALUES.get(name) ?? "localhost"}`];
  }
}

/** What the program says of an option itself; that another one is missing does not matter. */
function complaintAbout(role: "hub" | "agent", arg: string): string | null {
  const modes = role === "hub" ? [[], ["--probe"], ["--check"]] : [[]];
  const complaints = modes.map((mode) => {
    try {
      parseCommand([roleArgument(role), ...mode, arg]);
      return null;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message;
    }
  });
  const belongs = complaints.some((text) =>
    text === null || / belongs to | needs FILE,/.test(text)
  );
  return belongs ? null : complaints.join("; ");
}

const BASH = `source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }
"_\${1//-/_}"
for reply in "\${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done`;

testWith("bash", "bash completes options, their values and files", async () => {
  await using shared = await writeShared();
  await using folder = await makeFolder();
  const complete = async (words: readonly string[]) => {
    const script = `${shared.directory}/bash-completion/completions/${words[0]}`;
    const { stdout, stderr } = await run(
      "bash",
      ["-c", BASH, "bash", script, ...words],
      folder.path,
    );
    assert.equal(stderr, "");
    return stdout.split("\n").filter(Boolean);
  };
  for (const [typed, expected] of CASES) {
    assert.deepEqual(await complete(typed.split(" ")), [...expected], typed);
  }
  // bash parts these at the "=".
  assert.deepEqual(await complete(["lmcp-hub", "--results", "=", "t"]), ["text"]);
  assert.deepEqual(await complete(["lmcp-hub", "--results", "="]), ["text", "structured"]);
  const source = await run("bash", [
    "-c",
    'source "$0" && complete -p lmcp-hub',
    `${shared.directory}/bash-completion/completions/lmcp-hub`,
  ]);
  assert.equal(source.stdout, "complete -F _lmcp_hub lmcp-hub\n");
});

const FISH = "source $argv[1]; complete --do-complete $argv[2]";

testWith("fish", "fish completes options, their values and files", async () => {
  await using shared = await writeShared();
  await using folder = await makeFolder();
  for (const [typed, expected] of CASES) {
    const [name = ""] = typed.split(" ");
    const script = `${shared.directory}/fish/vendor_completions.d/${name}.fish`;
    const { stdout, stderr } = await run(
      "fish",
      ["--no-config", "-c", FISH, script, typed],
      folder.path,
    );
    assert.equal(stderr, "");
    const found = stdout.split("\n").filter(Boolean).map((line) => line.split("\t")[0]);
    assert.deepEqual(found, [...expected], typed);
  }
});

/** An interactive zsh on a terminal of its own, which shows its line after the tab. */
const ZSH = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; fpath=(\${(q)1} \\$fpath); autoload -Uz compinit; compinit -u -D
show() { print -r -- \\"<<\\$BUFFER>>\\" }; zle -N show; bindkey '^X' show
bindkey '^I' complete-word; unsetopt beep; cd \${(q)2}"
shift 2
for line; do
  zpty -w -n z $'\\x15'$line$'\\t\\x18'
  zpty -r -m z out '*<<lmcp*>>*'
  print -r -- \${\${out##*<<}%%>>*}
done
zpty -d z`;

testWith("zsh", "zsh completes options, their values and files", async () => {
  await using shared = await writeShared();
  await using folder = await makeFolder();
  const functions = `${shared.directory}/zsh/site-functions`;
  const typed = CASES.map(([line]) => line);
  const { stdout, stderr } = await run("timeout", [
    "60",
    "zsh",
    "-f",
    "-c",
    ZSH,
    "zsh",
    functions,
    folder.path,
    ...typed,
  ]);
  assert.equal(stderr, "");
  const completed = CASES.map(([line, [word]]) =>
    word === undefined ? line : line.replace(/\S*$/, word.replaceAll(" ", "\\ "))
  );
  const shown = stdout.split("\n").map((line) => line.replace(/[= ]$/, ""));
  assert.deepEqual(shown, [...completed, ""]);
});

testWith("shellcheck", "the completion for bash is sound", async () => {
  await using shared = await writeShared();
  for (const name of ["lmcp-hub", "lmcp-agent"]) {
    const script = `${shared.directory}/bash-completion/completions/${name}`;
    assert.deepEqual(await run("shellcheck", ["--shell=bash", script]), {
      code: 0,
      stdout: "",
      stderr: "",
    });
  }
});
