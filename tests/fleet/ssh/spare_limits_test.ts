import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { ChildProcess, ProcessCommand } from "../../../lib/base/process.ts";
import { HUB } from "../../../lib/fleet/claimant.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { createSsh, type Ssh } from "../../../lib/fleet/ssh/client.ts";
import { until } from "../../processes.ts";
import { sshHost } from "./target.ts";

/** What ssh was started for, and still runs. */
interface Counts {
  spares: number;
  calls: number;
}

/** An ssh with a connection to everywhere, on which spares get ready if they are to, and calls never do. */
class Lab implements AsyncDisposable {
  readonly counts: Counts = { spares: 0, calls: 0 };
  readonly ssh: Ssh;
  readonly #calls: Promise<unknown>[] = [];
  readonly #callers = new AbortController();

  constructor({ spares, areReady = true }: { spares: number; areReady?: boolean }) {
    const control = {
      directoryFor: () => Promise.resolve("/control"),
      isWarm: () => Promise.resolve(true),
      masters: () => Promise.resolve([]),
      discard: () => Promise.resolve(),
    };
    const client = { program: "ssh", configFile: null, secretVariables: () => [] };
    const spawn = ({ args }: ProcessCommand) => {
      const kind = args.some((arg) => arg.startsWith("BindAddress=")) ? "spares" : "calls";
      this.counts[kind]++;
      return createChild(areReady && kind === "spares", () => this.counts[kind]--);
    };
    this.ssh = createSsh({ client, spawn, control, spares: () => spares, clock: systemClock });
  }

  warm(count: number): void {
    for (let at = 0; at < count; at++) this.ssh.warm(hostAt(`spare${at}`));
  }

  async untilReady(count: number): Promise<void> {
    await until(() => this.ssh.spares().waiting === count);
  }

  async untilCalls(count: number): Promise<void> {
    await until(() => this.counts.calls === count);
  }

  /** Calls a host, and never gets an answer. */
  call(destination: string, { spares = true } = {}): void {
    const limits = { headBytes: 1, tailBytes: 0 };
    const script = { source: ":", input: null, limits, wholeOutput: false };
    const { signal } = this.#callers;
    const options = { claimant: HUB, runMs: 60_000, traceparent: null, onProgress: null, signal };
    this.#calls.push(
      this.ssh.run(hostAt(destination), script, { ...options, reuse: true, spares }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callers.abort();
    await Promise.all(this.#calls);
    await this.ssh.close();
    assert.deepEqual(this.counts, { spares: 0, calls: 0 });
  }
}

/** A process that says that it is ready when it is asked, or nothing. */
function createChild(isReady: boolean, onExit: () => void): ChildProcess {
  const exit = Promise.withResolvers<{ code: number }>();
  let say: (text: string) => void = () => {};
  const source: UnderlyingByteSource = {
    type: "bytes",
    start: (controller) => {
      say = (text) => controller.enqueue(new TextEncoder().encode(text));
    },
  };
  const stderr = new ReadableStream(source);
  let isRunning = true;
  const end = () => {
    if (isRunning) onExit();
    isRunning = false;
    exit.resolve({ code: 0 });
  };
  return {
    pid: 0,
    write: (bytes) => {
      const [, nonce] = / (Q\w+) "\?"/.exec(new TextDecoder().decode(bytes)) ?? [];
      if (isReady && nonce !== undefined) say(`${nonce}?\n`);
      return Promise.resolve();
    },
    closeInput: () => {
      end();
      return Promise.resolve();
    },
    stdout: new ReadableStream({ type: "bytes" }),
    stderr,
    exited: exit.promise,
    kill: end,
  };
}

const hostAt = (name: string): Host => ({ ...sshHost(), sshHost: name });

/** Lets everything run that can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("Ssh.warm() opens as many spares as there may be", async () => {
  await using lab = new Lab({ spares: 6 });
  lab.warm(10);
  await lab.untilReady(6);
  await settle();
  assert.equal(lab.counts.spares, 6);
});

Deno.test("Ssh.warm() opens four spares at once", async () => {
  await using lab = new Lab({ spares: 32, areReady: false });
  lab.warm(10);
  await until(() => lab.counts.spares >= 4);
  await settle();
  assert.equal(lab.counts.spares, 4);
});

Deno.test("Ssh.run() ends the oldest spares where calls need their places among all", async () => {
  await using lab = new Lab({ spares: 32 });
  lab.warm(32);
  await lab.untilReady(32);
  for (let at = 0; at < 40; at++) lab.call(`host${at % 20}`);
  await lab.untilCalls(40);
  assert.deepEqual([lab.counts.spares, lab.ssh.spares().waiting], [24, 24]);
  // The one that was opened first has gone, the last one is there.
  lab.call("spare0");
  lab.call("spare31");
  await until(() => lab.ssh.spares().taken === 1);
  assert.equal(lab.counts.calls, 41);
  for (let at = 0; at < 40; at++) lab.call(`host${at % 20}`);
  await lab.untilCalls(63);
  assert.deepEqual([lab.counts.spares, lab.ssh.spares().waiting], [1, 0]);
  assert.deepEqual(lab.ssh.load(), { running: 64, waiting: 18 });
});

Deno.test("Ssh.run() ends a spare that it may not use where it needs the last place to a host", async () => {
  await using lab = new Lab({ spares: 32 });
  lab.warm(1);
  await lab.untilReady(1);
  for (let at = 0; at < 7; at++) lab.call("spare0", { spares: false });
  await lab.untilCalls(7);
  assert.equal(lab.counts.spares, 1);
  lab.call("spare0", { spares: false });
  await lab.untilCalls(8);
  await until(() => lab.counts.spares === 0);
  lab.warm(1);
  await settle();
  assert.equal(lab.counts.spares, 0);
});

Deno.test("Ssh.run() runs one of the calls that take all places to a host in its spare", async () => {
  await using lab = new Lab({ spares: 32 });
  lab.warm(1);
  await lab.untilReady(1);
  for (let at = 0; at < 9; at++) lab.call("spare0");
  await lab.untilCalls(7);
  await until(() => lab.ssh.spares().taken === 1);
  assert.deepEqual(lab.counts, { spares: 1, calls: 7 });
  assert.deepEqual(lab.ssh.load(), { running: 8, waiting: 1 });
});
