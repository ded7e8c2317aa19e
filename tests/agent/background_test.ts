import assert from "node:assert/strict";
import { isAlive, isGoneSoon } from "../shell/session_runs.ts";
import { errorOf, startAgent, type TestAgent, textOf } from "./agent.ts";
import { until } from "../processes.ts";
import { removeDirectory } from "../remove_directory.ts";

/** What a job needs beside bash. */
const NEEDED = ["mkdir", "mv", "ls", "date"];

interface Started {
  readonly pid: number;
  readonly log: string;
}

async function start(agent: TestAgent, args: Record<string, unknown>): Promise<Started> {
  const result = await agent.call("shell_bg", args);
  const text = textOf(result);
  const { pid, log } = result.structuredContent ?? {};
  assert.ok(typeof pid === "number" && typeof log === "string");
  assert.equal(text, `PID ${pid}, log ${log}`);
  return { pid, log };
}

async function groupAndSession(pid: number): Promise<{ group?: number; session?: number }> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pgid=,sess=", "-p", String(pid)],
  }).output();
  const [group, session] = new TextDecoder().decode(stdout).trim().split(/\s+/).map(Number);
  return { ...(group && { group }), ...(session && { session }) };
}

/** The log's text once it ends in `end`. */
async function logUntil(log: string, end: string): Promise<string> {
  await until(async () => (await Deno.readTextFile(log)).endsWith(end));
  return await Deno.readTextFile(log);
}

Deno.test("shell_bg returns at once, and its command goes on and logs both streams", async () => {
  await using agent = await startAgent();
  const { pid, log } = await start(agent, {
    command: "echo out; echo err >&2; cat; until [ -e go ]; do sleep 0.02; done; echo end",
    cwd: agent.directory,
  });
  assert.equal(await isAlive(pid), true);
  await Deno.writeTextFile(`${agent.directory}/go`, "");
  assert.equal(await logUntil(log, "end\n"), "out\nerr\nend\n");
});

Deno.test("shell_bg keeps a log of its own in a private directory, under a random name", async () => {
  await using agent = await startAgent();
  const first = await start(agent, { command: "true" });
  const second = await start(agent, { command: "true" });
  assert.notEqual(first.log, second.log);
  assert.match(first.log, /\/state\/jobs\/[0-9a-f]{32}\/out$/);
  assert.equal(((await Deno.stat(first.log)).mode ?? 0) & 0o777, 0o600);
  assert.equal(((await Deno.stat(`${agent.stateDirectory}/jobs`)).mode ?? 0) & 0o777, 0o700);
});

Deno.test("shell_bg does not use a log directory that others may enter", async () => {
  await using agent = await startAgent();
  await Deno.mkdir(`${agent.stateDirectory}/jobs`, { recursive: true });
  await Deno.chmod(`${agent.stateDirectory}/jobs`, 0o755);
  assert.match(errorOf(await agent.call("shell_bg", { command: "true" })), /only its user/);
});

Deno.test("shell_bg leaves the umask to the command", async () => {
  await using agent = await startAgent();
  const { log } = await start(agent, { command: "umask" });
  const shell = await agent.call("shell", { command: "umask" });
  assert.equal(`[rc=0]\n${await logUntil(log, "\n")}`, textOf(shell));
});

Deno.test("shell_bg appends to the log it is given, relative to cwd", async () => {
  await using agent = await startAgent();
  await Deno.writeTextFile(`${agent.directory}/it's.log`, "before\n");
  const { log } = await start(agent, {
    command: "echo after",
    cwd: agent.directory,
    log: "it's.log",
  });
  assert.equal(log, `${agent.directory}/it's.log`);
  assert.equal(await logUntil(log, "after\n"), "before\nafter\n");
});

Deno.test("shell_bg takes cwd and log from the home, and ~ for it", async () => {
  const home = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${home}/sub`);
  await using agent = await startAgent({ home, childEnv: { HOME: home } });
  for (
    const [args, log] of [
      [{ log: "a" }, "a"],
      [{ log: "b", cwd: "sub" }, "sub/b"],
      [{ log: "c", cwd: "~/sub" }, "sub/c"],
      [{ log: "~/d", cwd: "/" }, "d"],
    ] as const
  ) {
    const started = await start(agent, { command: "pwd", ...args });
    assert.equal(started.log, `${home}/${log}`);
    const cwd = "cwd" in args ? args.cwd.replace(/^(~\/)?sub/, `${home}/sub`) : home;
    assert.equal(await logUntil(started.log, "\n"), `${cwd}\n`);
  }
  const refusal = await agent.call("shell_bg", { command: "true", log: "~root/x" });
  assert.match(errorOf(refusal), /^Error: cannot keep a log in "~root\/x": only ~ and ~\/ are/);
  await removeDirectory(home);
});

Deno.test("shell_bg makes its command the leader of a group of its own, in another session than the agent's", async () => {
  await using agent = await startAgent();
  const { pid, log } = await start(agent, { command: "sleep 60 & echo $$ $!; wait" });
  const [self, child = 0] = (await logUntil(log, "\n")).trim().split(" ").map(Number);
  assert.equal(self, pid);
  assert.equal((await groupAndSession(child)).group, pid);
  const { session } = await groupAndSession(pid);
  assert.notEqual(session, (await groupAndSession(Deno.pid)).session);
  Deno.kill(-pid, "SIGTERM");
  assert.equal(await isGoneSoon(pid) && await isGoneSoon(child), true);
});

Deno.test("shell_bg makes its command a group leader where there is no setsid", async () => {
  await using agent = await startAgent();
  const bin = `${agent.directory}/bin`;
  await Deno.mkdir(bin);
  for (const program of ["bash", ...NEEDED, "cat", "sleep", "ps", "kill"]) {
    await Deno.symlink(`/usr/bin/${program}`, `${bin}/${program}`);
  }
  await using small = await startAgent({ childEnv: { PATH: bin } });
  const { pid, log } = await start(small, { command: "sleep 60 & echo $$ $!; wait" });
  const [self, child = 0] = (await logUntil(log, "\n")).trim().split(" ").map(Number);
  assert.equal(self, pid);
  Deno.kill(-pid, "SIGTERM");
  assert.equal(await isGoneSoon(pid) && await isGoneSoon(child), true);
});

Deno.test("shell_bg needs few programs to start its command whole", async () => {
  await using agent = await startAgent();
  const bin = `${agent.directory}/bin`;
  await Deno.mkdir(bin);
  for (const program of ["bash", ...NEEDED]) {
    await Deno.symlink(`/usr/bin/${program}`, `${bin}/${program}`);
  }
  await using small = await startAgent({ childEnv: { PATH: bin, TMPDIR: "/nowhere" } });
  const { log } = await start(small, { command: 'echo begun; echo "[$REPLY$#]"; echo end' });
  assert.equal(await logUntil(log, "end\n"), "begun\n[0]\nend\n");
});

Deno.test("shell_bg says that it cannot start its command without programs", async () => {
  await using agent = await startAgent();
  const bin = `${agent.directory}/bin`;
  await Deno.mkdir(bin);
  await Deno.symlink("/usr/bin/bash", `${bin}/bash`);
  await using small = await startAgent({ childEnv: { PATH: bin } });
  const command = `echo >${agent.directory}/ran`;
  assert.match(errorOf(await small.call("shell_bg", { command })), /: command not found$/);
  await assert.rejects(Deno.stat(`${agent.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("shell_bg starts a command of 300 KB", async () => {
  await using agent = await startAgent();
  const { log } = await start(agent, { command: `x='${"y".repeat(300_000)}'; echo "\${#x}"` });
  assert.equal(await logUntil(log, "\n"), "300000\n");
});

Deno.test("shell_bg starts nothing if its cwd is missing, and leaves no log", async () => {
  await using agent = await startAgent();
  const result = await agent.call("shell_bg", { command: "true", cwd: "/no/such" });
  assert.match(errorOf(result), /^Error: cannot enter directory "\/no\/such": no such file/);
  assert.equal(textOf(await agent.call("jobs", {})), "no jobs");
});

Deno.test("shell_bg starts nothing if its log cannot be opened", async () => {
  await using agent = await startAgent();
  const command = `touch ${agent.directory}/ran`;
  const result = await agent.call("shell_bg", { command, log: "/no/such/log" });
  assert.match(errorOf(result), /log "\/no\/such\/log": no such file or directory$/);
  assert.equal(
    errorOf(await agent.call("shell_bg", { command, log: agent.directory })),
    `Error: cannot start the command with log "${agent.directory}": is a directory`,
  );
  await assert.rejects(Deno.stat(`${agent.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("shell_bg starts nothing for a call that was cancelled before", async () => {
  await using agent = await startAgent();
  const command = `touch ${agent.directory}/ran`;
  errorOf(await agent.call("shell_bg", { command }, AbortSignal.abort()));
  await assert.rejects(Deno.stat(`${agent.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("shell_bg's command outlives an agent that is killed", async () => {
  await using agent = await startAgent();
  const script = new URL("./bg_agent.ts", import.meta.url);
  const go = `${agent.directory}/go`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", script.pathname, agent.stateDirectory, go],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  child.kill("SIGKILL");
  await Promise.all([child.status, reader.cancel()]);
  await Deno.writeTextFile(go, "");
  const [, pid = "", log = ""] = /^PID (\d+), log (.*)$/.exec(value.trim()) ?? [];
  assert.equal(await logUntil(log, "survived\n"), "survived\n");
  assert.equal(await isGoneSoon(Number(pid)), true);
});
