import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { DOWN, openSshTools } from "./ssh_tools.ts";
import { createCaller } from "./tool_calls.ts";

sshTest("remote_shell over ssh reports exit code and output, joined and apart", async () => {
  await using tools = await openSshTools();
  // Each piece waits until the one before it was read.
  let pieces = 0;
  const wait = (count: number) => `until [ -e '${tools.directory}/${count}' ]; do sleep 0.02; done`;
  const command = `echo out; ${wait(1)}; echo err >&2; ${wait(2)}; echo end; exit 3`;
  const { text, isError, structured } = await tools.call(
    "remote_shell",
    { host: "target", command },
    undefined,
    () => Deno.writeTextFileSync(`${tools.directory}/${++pieces}`, ""),
  );
  assert.equal(text, "[via ssh fallback]\n[rc=3]\nout\nerr\nend\n");
  assert.equal(isError, false);
  assert.deepEqual(structured, {
    host: "target",
    via: "ssh",
    outcome: "ok",
    fallback_reason: DOWN,
    duration_ms: 0,
    error: null,
    exit_code: 3,
    stdout: "out\nend\n",
    stderr: "err\n",
    truncated: false,
    timed_out: false,
  });
});

sshTest("remote_shell over ssh returns exit code 255 as the command's own", async () => {
  await using tools = await openSshTools();
  const { text } = await tools.call("remote_shell", { host: "target", command: "exit 255" });
  assert.equal(text, "[via ssh fallback]\n[rc=255]\n");
});

sshTest("remote_shell over ssh keeps what a command said until its timeout", async () => {
  await using tools = await openSshTools();
  const shell = async (command: string) => {
    return await tools.call("remote_shell", { host: "target", command, timeout: 3 });
  };
  const [line, part] = await Promise.all([
    shell("echo begun; sleep 30"),
    shell("printf x; sleep 30"),
  ]);
  assert.equal(line.text, "[via ssh fallback]\n[rc=143]\nbegun\n[timed out after 3 s]");
  assert.equal(part.text, "[via ssh fallback]\n[rc=143]\nx\n[timed out after 3 s]");
  assert.deepEqual([line.isError, line.structured.timed_out], [false, true]);
});

sshTest("remote_shell over ssh runs in cwd, whatever its name", async () => {
  await using tools = await openSshTools();
  const names = ["a b", "it's", '"', "$(id)", "`id`", "-", "-P", "line\nfeed", "ünï", "*", "~"];
  await Promise.all(names.map(async (name) => {
    const cwd = `${tools.directory}/${name}`;
    await Deno.mkdir(cwd);
    const { structured } = await tools.call("remote_shell", {
      host: "target",
      command: "pwd",
      cwd,
    });
    assert.equal(structured.stdout, `${cwd}\n`);
  }));
});

for (const cwd of ["-", "-P", "~/missing", "missing"]) {
  sshTest(`remote_shell over ssh runs nothing where cwd ${cwd} is missing`, async () => {
    await using tools = await openSshTools();
    const marker = `${tools.directory}/marker`;
    const { text, isError, structured } = await tools.call("remote_shell", {
      host: "target",
      command: `: || touch '${marker}'\n touch '${marker}'; touch '${marker}'`,
      cwd,
    });
    assert.match(text, /^\[via ssh fallback\]\n\[rc=1\]\n.*: No such file or directory\n$/);
    const error = `cannot enter directory "${cwd}": no such file or directory; nothing has run`;
    const { outcome, exit_code, error: reported } = structured;
    assert.deepEqual([outcome, exit_code, reported, isError], ["failed", null, error, true]);
    await assert.rejects(Deno.stat(marker), Deno.errors.NotFound);
  });
}

sshTest("remote_shell over ssh runs any command text as bash reads it", async () => {
  await using tools = await openSshTools();
  const commands = [
    ["printf '%s' \"it's\" 'a\"b' '$(x)' '`y`' '\\'", "it'sa\"b$(x)`y`\\"],
    ["cat <<'EOF'\n$HOME `id`\nEOF", "$HOME `id`\n"],
    ["# only a remark", ""],
    ["echo a &&\n echo b # remark", "a\nb\n"],
    ["printf '%s' ünï☃", "ünï☃"],
    ["[[ abc == a* ]] && echo bash", "bash\n"],
    ["echo out; exit 0\n}; echo not me", "out\n"],
  ];
  await Promise.all(commands.map(async ([command, stdout]) => {
    const { structured } = await tools.call("remote_shell", { host: "target", command });
    assert.equal(structured.stdout, stdout);
  }));
});

sshTest("remote_shell over ssh keeps head and tail of 4 MiB, and counts the rest", async () => {
  await using tools = await openSshTools();
  const { text, structured } = await tools.call("remote_shell", {
    host: "target",
    command: "echo first; yes | head -c 6000000; echo last",
  });
  assert.equal(structured.truncated, true);
  assert.match(text, /^\[via ssh fallback\]\n\[rc=0\]\nfirst\ny\n/);
  assert.match(text.slice(-50), /y\nlast\n$/);
  assert.match(text, /\n\[\.\.\. 1805707 bytes are missing here \.\.\.\]\n/);
  assert.ok(text.length < 4 * 1024 * 1024 + 200);
});

sshTest("remote_shell over ssh ends the command of a caller who leaves", async () => {
  await using tools = await openSshTools();
  const marker = uniqueSleep(61);
  const caller = new AbortController();
  const command = `sleep ${marker}`;
  const running = tools.call("remote_shell", { host: "target", command }, caller.signal);
  await until(async () => (await findProcesses(marker)).length > 0);
  caller.abort();
  await until(async () => (await findProcesses(marker)).length === 0);
  await running;
});

sshTest("remote_shell over ssh knows that its command was ended when contact is lost", async () => {
  await using tools = await openSshTools();
  const marker = uniqueSleep(61);
  const command = `echo begun; sleep ${marker}`;
  const said: string[] = [];
  const running = tools.call(
    "remote_shell",
    { host: "target", command },
    undefined,
    (line) => said.push(line),
  );
  await until(async () => said.length > 0 && (await findProcesses(`sleep ${marker}`)).length > 0);
  tools.target.children.at(-1)?.process.kill("SIGKILL");
  const { text, isError, structured } = await running;
  assert.equal(
    text,
    `Error: lmcp: ${DOWN} | ssh: the connection was lost, and the command was ended. ` +
      "Its output so far:\nbegun\n",
  );
  assert.equal(isError, true);
  const { via, outcome, exit_code, stdout } = structured;
  assert.deepEqual({ via, outcome, exit_code, stdout }, {
    via: "ssh",
    outcome: "failed",
    exit_code: 143,
    stdout: "begun\n",
  });
});

Deno.test("remote_shell refuses NUL in command and cwd, by name", async () => {
  const call = createCaller({});
  for (const name of ["command", "cwd"]) {
    const args = { host: "target", command: "id", [name]: "a\0b" };
    const { text, isError } = await call("remote_shell", args);
    assert.match(text, new RegExp(`^Error: bad \`${name}\` parameter: .*it holds a NUL`));
    assert.equal(isError, true);
  }
});
