import assert from "node:assert/strict";
import { spawnProcess } from "../../lib/base/process.ts";
import { frame, readyRequest } from "../../lib/shell/frame.ts";
import { isAlive, isGoneSoon, runScript, runUntilItSpeaks, spawnBash } from "./session_runs.ts";

/** Long enough for a script to begin, and to say something. */
const BEGUN_MS = 3_000;

/** Starts children in three ways, prints their process ids, and waits. */
const FAMILY = "sleep 61 & echo $!; (sleep 62 & echo $!; wait) & echo $!; echo $$; sleep 63";

function pidsIn(text: string): number[] {
  const pids = text.trim().split("\n").map(Number);
  assert.ok(pids.length > 0 && pids.every((pid) => pid > 1), text);
  return pids;
}

async function assertGone(text: string): Promise<void> {
  for (const pid of pidsIn(text)) assert.equal(await isGoneSoon(pid), true, `${pid} still runs`);
}

Deno.test("runInSession() ends the whole process group at the timeout", async () => {
  const { result, output } = await runScript(FAMILY, { runWithinMs: BEGUN_MS });
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "timeout" });
  assert.equal(pidsIn(output.stdout).length, 4);
  await assertGone(output.stdout);
});

Deno.test("runInSession() ends the whole process group when cancelled", async () => {
  const { result, output } = await runUntilItSpeaks(`exec 2>&1; ${FAMILY}`);
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "cancelled" });
  await assertGone(output.stdout);
});

Deno.test("runInSession() kills a command that ignores SIGTERM", async () => {
  const { result, output } = await runUntilItSpeaks("trap '' TERM; echo $$; sleep 60; sleep 60");
  assert.deepEqual(result, { kind: "ran", exitCode: 137, ended: "cancelled" });
  await assertGone(output.stdout);
});

Deno.test("runInSession() keeps what a command says on SIGTERM", async () => {
  const { result, output } = await runUntilItSpeaks(
    "trap 'echo bye; exit 3' TERM; echo hi; while :; do sleep 0.02; done",
  );
  assert.deepEqual(result, { kind: "ran", exitCode: 3, ended: "cancelled" });
  assert.equal(output.stdout, "hi\nbye\n");
});

Deno.test("runInSession() does not wait for a background job that holds the pipes", async () => {
  const start = performance.now();
  const { result, output } = await runScript("sleep 60 & echo $!");
  assert.deepEqual(result, { kind: "ran", exitCode: 0, ended: "itself" });
  // By itself, the session would end it after 20 s.
  assert.ok(performance.now() - start < 10_000);
  const [pid = 0] = pidsIn(output.stdout);
  assert.equal(await isAlive(pid), true, "what ends by itself leaves its background jobs alone");
  Deno.kill(pid, "SIGKILL");
});

Deno.test("runInSession() does not mistake a stopped command for an ended one", async () => {
  const { result, output } = await runScript("echo $$; kill -STOP $$; echo never", {
    runWithinMs: BEGUN_MS,
  });
  assert.deepEqual(result, { kind: "ran", exitCode: 137, ended: "timeout" });
  await assertGone(output.stdout);
});

Deno.test("runInSession() waits for a command that was stopped and continued", async () => {
  const { result, output } = await runScript(
    "(until [[ $(ps -o stat= -p $$) == T* ]]; do sleep 0.02; done; kill -CONT $$) & " +
      "kill -STOP $$; echo on; exit 4",
  );
  assert.deepEqual(result, { kind: "ran", exitCode: 4, ended: "itself" });
  assert.equal(output.stdout, "on\n");
});

Deno.test("runInSession() reports a command that kills its shell as lost, and ends it", async () => {
  const { result, output } = await runScript("echo $$; kill -KILL $PPID; sleep 60");
  assert.deepEqual(result, { kind: "lost", ended: "itself" });
  await assertGone(output.stdout);
});

Deno.test("runInSession() ends a command whose shell was killed", async () => {
  const child = spawnBash();
  const { result, output } = await runScript(FAMILY, {
    child,
    onOutput: () => child.kill("SIGKILL"),
  });
  assert.deepEqual(result, { kind: "lost", ended: "itself" });
  await assertGone(output.stdout);
});

Deno.test("runInSession() says that nothing ran in a shell that does not start", async () => {
  const child = spawnProcess({ program: "bash", args: ["-c", "echo no luck >&2; exit 9"] });
  const { result, output } = await runScript("echo mine", { child });
  assert.deepEqual(result, {
    kind: "not_started",
    why: "exited",
    exitCode: 9,
    noise: "no luck\n",
  });
  assert.equal(output.text, "");
});

Deno.test("runInSession() says that nothing ran in a shell that is not ready in time", async () => {
  const child = spawnProcess({ program: "bash", args: ["-c", "exec sleep 60"] });
  const { result } = await runScript("echo mine", { child, readyWithinMs: 50 });
  assert.deepEqual(result, { kind: "not_started", why: "timeout", exitCode: null, noise: "" });
  await child.exited;
});

Deno.test("runInSession() runs nothing for a signal aborted before", async () => {
  const { result, output } = await runScript("echo mine", { signal: AbortSignal.abort() });
  assert.equal(result.kind === "not_started" && result.why, "cancelled");
  assert.equal(output.text, "");
});

Deno.test("frame() runs nothing if it is cut anywhere before its end", async () => {
  const directory = await Deno.makeTempDir();
  const marker = `${directory}/marker`;
  const command = { script: `touch '${marker}'; '${marker}'`, input: null, inputSeconds: 0 };
  const whole = readyRequest("word") + frame("word", command, { readyOn: "stderr" });
  const lastBrace = whole.lastIndexOf("}");
  for (let end = 0; end <= lastBrace; end += 23) {
    const child = spawnBash();
    const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    await child.write(new TextEncoder().encode(whole.slice(0, end)));
    await child.closeInput();
    await Promise.all([child.exited, drained]);
    await assert.rejects(Deno.stat(marker), Deno.errors.NotFound, whole.slice(0, end));
  }
  await Deno.remove(directory, { recursive: true });
});
