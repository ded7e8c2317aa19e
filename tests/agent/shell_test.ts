import assert from "node:assert/strict";
import { until } from "../processes.ts";
import { isGoneSoon } from "../shell/session_runs.ts";
import { errorOf, startAgent, textOf } from "./agent.ts";

Deno.test("shell returns exit code, both streams, and a text of them in order", async () => {
  await using agent = await startAgent();
  const command = "echo out; sleep 0.03; echo err >&2; exit 3";
  const result = await agent.call("shell", { command });
  assert.equal(textOf(result), "[rc=3]\nout\nerr\n");
  assert.deepEqual(result.structuredContent, {
    exit_code: 3,
    stdout: "out\n",
    stderr: "err\n",
    truncated: false,
    timed_out: false,
  });
});

Deno.test("shell says by its text alone when a command said nothing", async () => {
  await using agent = await startAgent();
  assert.equal(textOf(await agent.call("shell", { command: "true" })), "[rc=0]\n");
});

Deno.test("shell keeps what came before the timeout, and says on a line that it timed out", async () => {
  await using agent = await startAgent();
  const command = "printf 'no line end'; sleep 60";
  const result = await agent.call("shell", { command, timeout: 3 });
  assert.equal(textOf(result), "[rc=143]\nno line end\n[timed out after 3 s]");
  assert.deepEqual(result.structuredContent, {
    exit_code: 143,
    stdout: "no line end",
    stderr: "",
    truncated: false,
    timed_out: true,
  });
});

Deno.test("shell ends its command when the call is cancelled", async () => {
  await using agent = await startAgent();
  const pidFile = `${agent.directory}/pid`;
  const controller = new AbortController();
  const calling = agent.call(
    "shell",
    { command: `echo $$ >${pidFile}; echo there; sleep 60 & sleep 60` },
    controller.signal,
  );
  await until(() => agent.progress.length > 0);
  controller.abort();
  assert.match(errorOf(await calling), /^Error: cancelled; the command was ended$/);
  assert.equal(await isGoneSoon(Number(await Deno.readTextFile(pidFile))), true);
});

for (const cwd of ["it's $HOME", "-", "-P", "line\nfeed", "~"]) {
  Deno.test(`shell works in the directory ${JSON.stringify(cwd)}`, async () => {
    await using agent = await startAgent();
    await Deno.mkdir(`${agent.directory}/${cwd}`);
    const command = "pwd";
    const result = await agent.call("shell", { command, cwd: `${agent.directory}/${cwd}` });
    assert.equal(textOf(result), `[rc=0]\n${agent.directory}/${cwd}\n`);
  });
}

Deno.test("shell takes a relative cwd from where the agent is, whatever CDPATH and OLDPWD say", async () => {
  await using agent = await startAgent({ childEnv: { CDPATH: "/", OLDPWD: "/" } });
  const here = await agent.call("shell", { command: "pwd", cwd: "lib" });
  assert.equal(textOf(here), `[rc=0]\n${Deno.cwd()}/lib\n`);
  assert.match(errorOf(await agent.call("shell", { command: "pwd", cwd: "-" })), /"-"/);
  assert.match(errorOf(await agent.call("shell", { command: "pwd", cwd: "tmp" })), /"tmp"/);
});

Deno.test("shell starts in the home, or in / where that cannot be entered", async () => {
  await using agent = await startAgent({ home: "/usr/bin" });
  assert.equal(textOf(await agent.call("shell", { command: "pwd" })), "[rc=0]\n/usr/bin\n");
  for (const home of ["/no/such", "/etc/passwd"]) {
    await using homeless = await startAgent({ home });
    assert.equal(textOf(await homeless.call("shell", { command: "pwd" })), "[rc=0]\n/\n");
  }
});

Deno.test("shell runs nothing if its cwd is missing or no directory, and says so", async () => {
  await using agent = await startAgent();
  const file = `${agent.directory}/file`;
  await Deno.writeTextFile(file, "");
  const command = `touch ${agent.directory}/ran`;
  assert.equal(
    errorOf(await agent.call("shell", { command, cwd: "/no/such" })),
    'Error: cannot enter directory "/no/such": no such file or directory; nothing has run',
  );
  assert.match(errorOf(await agent.call("shell", { command, cwd: file })), /not a directory/);
  await assert.rejects(Deno.stat(`${agent.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("shell tells a command's own failing cd from its cwd", async () => {
  await using agent = await startAgent();
  const result = await agent.call("shell", { command: "cd /no/such || exit 1", cwd: "/" });
  assert.match(textOf(result), /^\[rc=1\]\n.*No such file/);
});

Deno.test("shell keeps head and tail of a long output and counts what is missing", async () => {
  await using agent = await startAgent();
  const command = "echo first; head -c 5000000 /dev/zero | tr '\\0' x; echo last";
  const result = await agent.call("shell", { command });
  const { stdout, truncated } = result.structuredContent ?? {};
  assert.equal(truncated, true);
  assert.ok(typeof stdout === "string" && stdout.length < 4_194_304 + 100);
  assert.match(stdout, /^first\nx+\n\[\.\.\. 805707 bytes are missing here \.\.\.\]\nx+last\n$/);
});

Deno.test("shell says what is known when its shell is killed", async () => {
  await using agent = await startAgent();
  const result = await agent.call("shell", { command: "echo so far; kill -KILL $PPID; sleep 60" });
  assert.match(errorOf(result), /^Error: the shell .* was killed; .* unknown.*:\nso far\n$/);
});

Deno.test("shell hides the variables that it is configured to hide", async () => {
  await using agent = await startAgent({ childEnv: { LMCP_TOKEN: "", LD_LIBRARY_PATH: "" } });
  const command = 'echo "<$LMCP_TOKEN$LD_LIBRARY_PATH>"';
  assert.equal(textOf(await agent.call("shell", { command })), "[rc=0]\n<>\n");
});

Deno.test("shell reports its newest line of output", async () => {
  await using agent = await startAgent();
  const go = `${agent.directory}/go`;
  const command = `echo one; until [ -e '${go}' ]; do sleep 0.02; done; printf 'two\\rthree\\n'`;
  const running = agent.call("shell", { command });
  await until(() => agent.progress.length > 0);
  await Deno.writeTextFile(go, "");
  await running;
  assert.deepEqual(agent.progress, ["one", "three"]);
});

Deno.test("shell runs bash, with unbalanced quotes as the command's own fault", async () => {
  await using agent = await startAgent();
  const result = await agent.call("shell", { command: "echo 'unbalanced" });
  assert.match(textOf(result), /^\[rc=[1-9]\d*\]\n.*unexpected EOF/);
});

Deno.test("shell says that bash is missing", async () => {
  await using agent = await startAgent({ childEnv: { PATH: "/nonexistent" } });
  const result = await agent.call("shell", { command: "true" });
  assert.match(errorOf(result), /^Error: cannot start bash, nothing has run: /);
});

Deno.test("shell needs no program but bash", async () => {
  await using agent = await startAgent();
  const bin = `${agent.directory}/bin`;
  await Deno.mkdir(bin);
  await Deno.symlink("/bin/bash", `${bin}/bash`);
  await using small = await startAgent({ childEnv: { PATH: bin } });
  const result = await small.call("shell", { command: "echo mine; (exit 3) || echo $?" });
  assert.equal(textOf(result), "[rc=0]\nmine\n3\n");
});

Deno.test("shell says that nothing has run where bash cannot start the command, and why", async () => {
  await using agent = await startAgent();
  const file = `${agent.directory}/env`;
  // Not in the shell that gets the command, but in the one that is to run it.
  await Deno.writeTextFile(
    file,
    '[ -z "$SEEN" ] || { echo no more >&2; exit 0; }\nexport SEEN=1\n',
  );
  await using odd = await startAgent({ childEnv: { BASH_ENV: file } });
  const result = await odd.call("shell", { command: `echo >${agent.directory}/ran` });
  assert.equal(errorOf(result), "Error: bash could not start it, nothing has run: no more");
  await assert.rejects(Deno.stat(`${agent.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("shell says of outputs that look alike, since their bytes are no UTF-8, that they differ", async () => {
  await using agent = await startAgent();
  const digestOf = async (command: string) =>
    (await agent.call("shell", { command })).structuredContent?.raw_sha256;
  const [first, other, again, swapped] = await Promise.all(
    ["\\377", "\\376", "\\377", "\\377' >&2; printf '"].map((bytes) =>
      digestOf(`printf '${bytes}'`)
    ),
  );
  assert.match(String(first), /^[0-9a-f]{64}$/);
  assert.equal(again, first);
  assert.equal(new Set([first, other, swapped]).size, 3);
  assert.equal(await digestOf("echo plain"), undefined);
});

Deno.test("shell keeps outputs apart of which only the missing middle differs", async () => {
  await using agent = await startAgent();
  const runOf = async (middle: string) => {
    const command = `head -c 4000000 /dev/zero; printf ${middle}; head -c 4000000 /dev/zero`;
    return (await agent.call("shell", { command })).structuredContent ?? {};
  };
  const [first, other, again] = [await runOf("a"), await runOf("b"), await runOf("a")];
  assert.equal(first.truncated, true);
  assert.equal(first.stdout, other.stdout);
  assert.notEqual(first.raw_sha256, other.raw_sha256);
  assert.equal(first.raw_sha256, again.raw_sha256);
});
