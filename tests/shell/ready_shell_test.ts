import assert from "node:assert/strict";
import { OutputCapture } from "../../lib/shell/output.ts";
import { openShell, type ReadyShell } from "../../lib/shell/ready_shell.ts";
import { until } from "../processes.ts";
import { isAlive, spawnBash } from "./session_runs.ts";
import { spawnHost } from "./hosts.ts";

const { signal } = new AbortController();
const WAIT = { withinMs: 10_000, signal };
const SHORT_WAIT = { withinMs: 50, signal };

/** A shell on which nothing has run, and what it says on stderr when it is ready. */
async function open(child = spawnBash()): Promise<ReadyShell> {
  const shell = await openShell(child, { ...WAIT, nonce: crypto.randomUUID().slice(0, 8) });
  assert.ok(!("kind" in shell));
  return shell;
}

async function run(shell: ReadyShell, script: string) {
  const output = new OutputCapture({ headBytes: 1024, tailBytes: 0 });
  const command = { script, input: null, inputSeconds: 0 };
  const result = await shell.run({
    command,
    output,
    stopWhenFull: false,
    runWithinMs: 10_000,
    signal,
  });
  return { result, text: output.text().text };
}

const RAN = { kind: "ran", exitCode: 0, ended: "itself" } as const;

Deno.test("ReadyShell.askAgain() has the shell repeat that it is ready, as often as it is asked", async () => {
  const shell = await open();
  for (let time = 0; time < 3; time++) assert.equal(await shell.askAgain(WAIT), "ready");
  const { result, text } = await run(shell, "echo out; sleep 0.2; echo err >&2");
  assert.deepEqual([result, text], [RAN, "out\nerr\n"]);
});

Deno.test("ReadyShell.askAgain() works in a shell that echoes what it does, and drops that", async () => {
  const shell = await open(spawnHost("exec bash --norc -xvs"));
  assert.equal(await shell.askAgain(WAIT), "ready");
  assert.deepEqual(await run(shell, "echo mine"), { result: RAN, text: "mine\n" });
});

for (const redirection of ["1>&2", "2>&1"]) {
  Deno.test(`ReadyShell.askAgain() works after "exec ${redirection}"`, async () => {
    const shell = await open(spawnHost(`exec ${redirection}; exec bash --norc -s`));
    assert.equal(await shell.askAgain(WAIT), "ready");
    assert.deepEqual(await run(shell, "echo mine"), { result: RAN, text: "mine\n" });
  });
}

Deno.test("ReadyShell.askAgain() says that the shell is gone", async () => {
  const child = spawnBash();
  const shell = await open(child);
  Deno.kill(child.pid, "SIGKILL");
  await shell.gone;
  assert.equal(await shell.askAgain(WAIT), "exited");
  await shell.close();
});

Deno.test("ReadyShell.askAgain() does not wait for a shell that is stopped", async () => {
  const child = spawnBash();
  const shell = await open(child);
  Deno.kill(child.pid, "SIGSTOP");
  assert.equal(await shell.askAgain(SHORT_WAIT), "timeout");
  await shell.close();
  assert.ok(!await isAlive(child.pid));
});

Deno.test("ReadyShell.askAgain() ends with its signal", async () => {
  const child = spawnBash();
  const shell = await open(child);
  Deno.kill(child.pid, "SIGSTOP");
  const wait = { withinMs: 10_000, signal: AbortSignal.abort() };
  assert.equal(await shell.askAgain(wait), "cancelled");
  await shell.close();
});

Deno.test("ReadyShell.close() ends a shell on which nothing has run", async () => {
  const child = spawnBash();
  const shell = await open(child);
  await Promise.all([shell.close(), shell.close()]);
  assert.ok(!await isAlive(child.pid));
});

Deno.test("ReadyShell.gone resolves when the shell is killed", async () => {
  const child = spawnBash();
  const shell = await open(child);
  let isGone = false;
  shell.gone.then(() => isGone = true);
  Deno.kill(child.pid, "SIGKILL");
  await until(() => isGone);
  await shell.close();
});
