import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type CallAnswer, callTool, postTo, untilListening } from "../e2e/client.ts";
import { startProgram } from "../e2e/program.ts";
import { sshTest } from "../fleet/ssh/target.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { at, request } from "../mcp/wire.ts";
import { removeDirectory } from "../remove_directory.ts";
import { startSshd } from "../sshd.ts";

const TOKEN = "of-the-client-with-three-commands";
const HEADERS = { authorization: `Bearer ${TOKEN}` };
/** Characters of the longest argument. */
const MAX_LENGTH = 16_384;
/** What is made of one text, and tried at once. */
const VARIANTS = 5;

/** A hub for a client with commands, on a host with an agent and on one with a real sshd. */
async function startFleet() {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.realPath(await Deno.makeTempDir());
  stack.defer(() => removeDirectory(directory));
  const sshd = stack.use(await startSshd());
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const show = `${directory}/show`;
  await Deno.writeTextFile(
    show,
    `#!/bin/sh
for argument; do printf %s "$argument" | od -An -v -tx1 | tr -d ' \\n'; echo; done
echo ran >>'${directory}/journal'
`,
    { mode: 0o755 },
  );
  const anything = `pattern = "(?s).*", max_length = ${MAX_LENGTH}, multiline = true`;
  await Deno.writeTextFile(
    `${directory}/hosts.toml`,
    `
[hosts.one]
lmcp_url = "${agent.url}"
[hosts.two]
ssh_host = "target"
[commands.whole]
run = ["${show}", "{x}", "end"]
args.x = { ${anything} }
[commands.part]
run = ["${show}", "--x={x}", "/{x}{y}"]
args = { x = { ${anything} }, y = { values = ["", "-"], default = "" } }
[commands.option]
run = ["${show}", "{x}"]
args.x = { ${anything.replace("(?s)", "(?s)-")} }
[commands.test]
run = ["test", "-v", "{x}"]
args.x = { ${anything} }
[commands.other]
run = ["${show}", "other"]
[clients.bot]
token_env = "LMCP_TOKEN_BOT"
commands = ["whole", "part", "option", "test"]
`,
    { mode: 0o600 },
  );
  const hub = stack.use(startProgram({
    args: ["--registry", `${directory}/hosts.toml`, "--quiet"],
    env: { LMCP_HUB_SSH_CONFIG: sshd.sshConfig, LMCP_TOKEN_BOT: TOKEN },
  }));
  await Promise.all([untilListening(agent.port), untilListening(hub.port)]);
  const owned = stack.move();
  return {
    directory,
    url: hub.url,
    run: (args: JsonObject) =>
      callTool(hub.url, {
        tool: "remote_run",
        args: { targets: "@all", ...args },
        headers: HEADERS,
      }),
    /** How often anything has run. */
    countRuns: async () =>
      (await Deno.readTextFile(`${directory}/journal`).catch(() => "")).split("\n").length - 1,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Texts that mean something to a shell, to a program, or to what reads them on the way. */
function* hostileTexts(directory: string): Generator<string> {
  const touch = `touch ${directory}/pwned`;
  const texts = [
    "",
    " ",
    "a b",
    "'",
    '"',
    "\\",
    "\\'",
    "'\\''",
    `'; ${touch}; '`,
    `"; ${touch}; "`,
    `$(${touch})`,
    `\`${touch}\``,
    `| ${touch}`,
    `|| ${touch}`,
    `&& ${touch} &`,
    `; ${touch} #`,
    `\n${touch}\n`,
    `\r\n${touch}\r\n`,
    `<(${touch})`,
    `>${directory}/pwned`,
    `{${touch},}`,
    `a[$(${touch})]`,
    "$IFS$HOME${PATH}$0$@$*$#$$$!",
    "!! !$ !-1",
    "~ ~root *? [a-z] {1..9}",
    "%s%n%x%d",
    "{x} {y} {{x}} ${x}",
    "--",
    "--help --version",
    "rf /",
    "EOF\nEND\n}\n",
    "\t\v\f\b\x07\x1b[2J\x7f\x85\u009b",
    "é ß 漢字 🚀 👩‍👩‍👧",
    "\u202e\u2066\u200b\ufeff\u2028\u2029",
    "\ufdd0\uffff\u{10ffff}",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    '{"command":"id"}',
    "() { :; }; id",
    "x".repeat(MAX_LENGTH - 2),
  ];
  for (const text of texts) {
    yield text;
    yield `-${text}`;
    yield `${text}\n`;
    yield `'${text}`;
    yield `$(echo ${text})`.slice(0, MAX_LENGTH);
  }
}

const NEVER = ["a\0b", "\0", "\ud800", "a\udfff", "y".repeat(1_000_000)];

function assertShown({ text, isError, structured }: CallAnswer, args: readonly string[]): void {
  assert.equal(isError, false, text);
  const groups = at(structured, "groups");
  assert.ok(Array.isArray(groups) && groups.length === 1, text.slice(0, 500));
  assert.deepEqual(at(groups, 0, "names"), ["one", "two"]);
  assert.equal(at(groups, 0, "exit_code"), 0);
  // The last line break makes no difference to results that are put together.
  const lines = args.map((argument) => Buffer.from(argument).toString("hex"));
  assert.equal(at(groups, 0, "stdout"), lines.join("\n"));
}

sshTest("commands: hostile arguments reach a host as they are, or nothing runs", async () => {
  await using fleet = await startFleet();
  const { run, directory, countRuns } = fleet;
  const texts = [...hostileTexts(directory)];
  assert.equal(texts.length, 200);
  let runs = 0;
  const tryWith = async (x: string, at: number) => {
    const isOption = x.startsWith("-");
    const [good, bad] = isOption ? ["option", "whole"] : ["whole", "option"];
    const refused = await run({ name: bad, args: { x } });
    assert.match(refused.text, /^Error: bad `x` in `args`: "[^]*(must not begin|as a whole)/);
    assertShown(await run({ name: good, args: { x } }), isOption ? [x] : [x, "end"]);
    runs += 2;
    if (at > 0) return;
    assertShown(await run({ name: "part", args: { x } }), [`--x=${x}`, `/${x}`]);
    runs += 2;
  };
  for (let at = 0; at < texts.length; at += VARIANTS) {
    await Promise.all(texts.slice(at, at + VARIANTS).map(tryWith));
    assert.equal(await countRuns(), runs, JSON.stringify(texts.slice(at, at + VARIANTS)));
  }
  for (const x of [...NEVER, ["a"], { a: "b" }, true, 1.5, null]) {
    for (const name of ["whole", "part", "option"]) {
      assert.match((await run({ name, args: { x } })).text, /^Error: (bad|missing) `x` in `args`/);
    }
  }
  assert.equal(await countRuns(), runs);
  const files = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  assert.deepEqual(files.toSorted(), ["hosts.toml", "journal", "show"]);
});

sshTest("commands: no builtin of a shell reads an argument", async () => {
  await using fleet = await startFleet();
  const { directory, run } = fleet;
  const { text } = await run({ name: "test", args: { x: `a[$(touch ${directory}/pwned)]` } });
  // The program, other than what bash has of that name, knows no such option.
  assert.match(text, /unary operator expected/);
  await assert.rejects(Deno.stat(`${directory}/pwned`), Deno.errors.NotFound);
});

sshTest("commands: a client that has some runs nothing else", async () => {
  await using fleet = await startFleet();
  const { run, url, countRuns } = fleet;
  const x = { x: "a" };
  const ATTEMPTS: readonly (readonly [args: JsonObject, answer: RegExp])[] = [
    [{ command: "id" }, /^Error: missing `name` parameter.*\nError: unknown `command` parameter/],
    [{ name: "whole", args: x, command: "id" }, /^Error: unknown `command` parameter/],
    [{ name: "whole", args: x, check: "id" }, /^Error: unknown `check` parameter/],
    [{ name: "whole", args: x, cwd: "/tmp" }, /^Error: unknown `cwd` parameter/],
    [{ name: "whole", args: { ...x, y: "b" } }, /^Error: unknown "y" in `args` \(accepted: `x`\)$/],
    [{ name: "whole", args: "x" }, /^Error: bad `args` parameter/],
    [{ name: "whole", args: [x] }, /^Error: bad `args` parameter/],
    [{ name: "other" }, /^Error: unknown command "other"$/],
    [{ name: "othe" }, /^Error: unknown command "othe"$/],
    [{ name: "whol", args: x }, /^Error: unknown command "whol"; did you mean "whole"\?$/],
    [{ name: "whole; id", args: x }, /^Error: unknown command "whole; id"$/],
    [{ name: "__proto__", args: x }, /^Error: unknown command "__proto__"$/],
    [{ name: ["whole"], args: x }, /^Error: bad `name` parameter/],
  ];
  for (const [args, answer] of ATTEMPTS) {
    assert.match((await run(args)).text, answer, JSON.stringify(args));
  }
  const list = await (await postTo(url, request(1, "tools/list"), { headers: HEADERS })).json();
  const tools: unknown = at(list, "result", "tools");
  assert.ok(Array.isArray(tools));
  assert.deepEqual(tools.map((tool) => at(tool, "name")), [
    "remote_list_hosts",
    "remote_run",
    "remote_output",
  ]);
  assert.doesNotMatch(JSON.stringify(list), /other\b|"command"|"check"|"cwd"/);
  for (const name of ["remote_shell", "remote_shell_bg", "remote_call_tool", "remote_write_file"]) {
    const params = { name, arguments: { host: "one", command: "id", path: "/a", content: "b" } };
    const message = request(1, "tools/call", params);
    const answer = await (await postTo(url, message, { headers: HEADERS })).json();
    assert.match(JSON.stringify(answer), /unknown tool/i, name);
  }
  assert.equal(await countRuns(), 0);
});
