import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { ChildProcess } from "../../../lib/base/process.ts";
import { HUB } from "../../../lib/fleet/claimant.ts";
import { createSsh, type Ssh, type SshResult } from "../../../lib/fleet/ssh/client.ts";
import { sshHost } from "./target.ts";

/** An ssh that is never ready, and counts its processes. */
function createSilentSsh(): { ssh: Ssh; counts: { running: number; started: number } } {
  const counts = { running: 0, started: 0 };
  const spawn = (): ChildProcess => {
    counts.running++;
    counts.started++;
    const exit = Promise.withResolvers<{ code: number }>();
    const end = () => {
      exit.resolve({ code: 255 });
      return Promise.resolve();
    };
    exit.promise.then(() => counts.running--);
    return {
      pid: 0,
      write: () => Promise.resolve(),
      closeInput: end,
      stdout: new ReadableStream({ type: "bytes" }),
      stderr: new ReadableStream({ type: "bytes" }),
      exited: exit.promise,
      kill: () => {},
    };
  };
  const client = { program: "ssh", configFile: null, secretVariables: () => [] };
  return { ssh: createSsh({ client, spawn, control: null, clock: systemClock }), counts };
}

function call(ssh: Ssh, destination: string, signal: AbortSignal): Promise<SshResult> {
  const host = { ...sshHost(), name: `name-${names++}`, sshHost: destination };
  const limits = { headBytes: 1, tailBytes: 0 };
  const script = { source: ":", input: null, limits, wholeOutput: false };
  const claimant = HUB;
  const options = {
    claimant,
    runMs: 1_000,
    reuse: false,
    traceparent: null,
    onProgress: null,
    signal,
  };
  return ssh.run(host, script, options);
}

/** Each call is to a name of its own: several may lead to one destination. */
let names = 0;

/** Lets everything run that can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("Ssh.run() starts 8 processes for a destination, whatever its names, and lets 64 calls wait", async () => {
  const { ssh, counts } = createSilentSsh();
  const callers = new AbortController();
  const calls = Array.from({ length: 72 }, () => call(ssh, "a", callers.signal));
  await settle();
  assert.equal(counts.running, 8);
  assert.deepEqual(ssh.load(), { running: 8, waiting: 64 });
  assert.deepEqual(await call(ssh, "a", callers.signal), {
    kind: "not_delivered",
    reason: "busy: 8 sessions to this host and no room to wait",
    exitCode: null,
  });
  callers.abort();
  const kinds = new Set((await Promise.all(calls)).map(({ kind }) => kind));
  assert.deepEqual([...kinds], ["not_delivered"]);
  assert.equal(counts.started, 8);
  assert.deepEqual(ssh.load(), { running: 0, waiting: 0 });
});

Deno.test("Ssh.run() starts 64 processes in all", async () => {
  const { ssh, counts } = createSilentSsh();
  const callers = new AbortController();
  const calls = Array.from({ length: 100 }, (_, index) => {
    return call(ssh, `host${index % 20}`, callers.signal);
  });
  await settle();
  assert.equal(counts.running, 64);
  assert.deepEqual(ssh.load(), { running: 64, waiting: 36 });
  callers.abort();
  await Promise.all(calls);
  assert.equal(counts.started, 64);
});

Deno.test("Ssh.run() gives a place that becomes free to the next call", async () => {
  const { ssh, counts } = createSilentSsh();
  const [first, others] = [new AbortController(), new AbortController()];
  const calls = [
    call(ssh, "a", first.signal),
    ...Array.from({ length: 8 }, () => call(ssh, "a", others.signal)),
  ];
  await settle();
  assert.equal(counts.started, 8);
  first.abort();
  await calls[0];
  await settle();
  assert.deepEqual([counts.running, counts.started], [8, 9]);
  others.abort();
  await Promise.all(calls);
});
