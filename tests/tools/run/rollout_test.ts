import assert from "node:assert/strict";
import { CallEnded } from "../../../lib/mcp/in_flight.ts";
import { foldNames } from "../../../lib/targets/fold_names.ts";
import { startBackend } from "../../lab/backend.ts";
import { openBlackHole } from "../../lab/black_hole.ts";
import { close } from "../../lab/faults/connection.ts";
import { labHost } from "../../lab/host.ts";
import { at } from "../../mcp/wire.ts";
import { until } from "../../processes.ts";
import { openRunLab, type RunLab } from "./lab.ts";

/** A command that leaves its host's home in the journal, and fails where there is a file `broken`. */
function journalled({ journal }: RunLab): string {
  return `echo \${PWD##*/} >>${journal}; [ ! -e broken ]`;
}

async function breakHost(lab: RunLab, name: string): Promise<void> {
  await Deno.writeTextFile(`${lab.homeOf(name)}/broken`, "");
}

async function ranOn(lab: RunLab): Promise<readonly string[]> {
  return (await lab.entries()).toSorted();
}

Deno.test("remote_run stops after a canary that fails, and says how to go on", async () => {
  await using lab = await openRunLab(12);
  await breakHost(lab, "web1");
  const { lines, structured, isError } = await lab.run({
    targets: "@all",
    command: journalled(lab),
    batch: "1,10%,100%",
  });
  assert.deepEqual(await ranOn(lab), ["web1"]);
  assert.deepEqual(lines, [
    "12 hosts: 1 exit 1, 11 skipped",
    "== web1: exit 1, no output",
    "== web[2-12] (11): skipped",
    "stopped: 1 failed, max_fail is 0 (batch 1 of 3)",
    'to go on: targets="web[2-12]"',
  ]);
  assert.equal(isError, false);
  assert.deepEqual([at(structured, "counts", "skipped"), at(structured, "skipped", 0)], [
    11,
    "web10",
  ]);
});

Deno.test("remote_run goes on while no more failed than may", async () => {
  await using lab = await openRunLab(6);
  await breakHost(lab, "web1");
  await breakHost(lab, "web4");
  const args = { targets: "@all", command: journalled(lab), batch: "2" };
  const { text } = await lab.run({ ...args, max_fail: 1 });
  assert.deepEqual(await ranOn(lab), ["web1", "web2", "web3", "web4"]);
  assert.match(text, /\nstopped: 2 failed, max_fail is 1 \(batch 2 of 3\)\n/);
  assert.match(text, /\nto go on: targets="web\[5-6\]"$/);
  const all = await lab.run({ ...args, max_fail: 2 });
  assert.doesNotMatch(all.text, /stopped|skipped/);
  assert.equal((await ranOn(lab)).length, 4 + 6);
});

Deno.test("remote_run counts a host that cannot be reached as one that failed", async () => {
  using hole = await openBlackHole();
  const dead = labHost({
    name: "a-dead",
    lmcpUrl: hole.url,
    sshHost: null,
    timeouts: { connectMs: 200 },
  });
  await using lab = await openRunLab(2, { others: [dead] });
  const { lines } = await lab.run({ targets: "@all", command: journalled(lab), batch: "1" });
  assert.deepEqual(await ranOn(lab), []);
  assert.deepEqual(lines.slice(-3), [
    "stopped: 1 failed, max_fail is 0 (batch 1 of 3)",
    'to go on: targets="web[1-2]"',
    "again safely: a-dead",
  ]);
});

Deno.test("remote_run stops after a batch in which it may have run somewhere, whatever may fail", async () => {
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? close : null,
  });
  const lossy = labHost({ name: "a-lossy", lmcpUrl: backend.url, sshHost: null });
  await using lab = await openRunLab(4, { others: [lossy] });
  const { text, structured } = await lab.run({
    targets: "@all",
    command: journalled(lab),
    batch: "2",
    max_fail: 100,
  });
  assert.deepEqual(await ranOn(lab), ["web1"]);
  assert.match(text, /\n== a-lossy: UNKNOWN, it may have run: lmcp: connection lost/);
  assert.match(text, /\nstopped: outcome unknown on a-lossy \(batch 1 of 3\)\n/);
  assert.doesNotMatch(text, /again safely/);
  assert.deepEqual(at(structured, "counts", "unknown"), 1);
});

Deno.test("remote_run has a check run after each batch, where the command has succeeded", async () => {
  await using lab = await openRunLab(4);
  await breakHost(lab, "web1");
  await Deno.writeTextFile(`${lab.homeOf("web3")}/sick`, "");
  const { text, structured, record } = await lab.run({
    targets: "@all",
    command: journalled(lab),
    check: `echo check-\${PWD##*/} >>${lab.journal}; [ ! -e sick ] || { echo no 200 >&2; exit 7; }`,
    batch: "2,1",
    max_fail: 1,
  });
  assert.deepEqual(await lab.entries().then((entries) => entries.slice(2)), [
    "check-web2",
    "web3",
    "check-web3",
  ]);
  assert.match(
    text,
    /\nstopped: check failed on web3: exit 7: no 200 \(batch 2 of 3\)\nto go on: targets="web4"$/,
  );
  assert.equal(
    at(structured, "stopped"),
    "check failed on web3: exit 7: no 200 (batch 2 of 3)",
  );
  assert.equal(record.deliveries.length, 3 + 2);
});

Deno.test("remote_run runs a check without batches, too, and says that it failed", async () => {
  await using lab = await openRunLab(2);
  const { lines } = await lab.run({ targets: "@all", command: "echo hi", check: "exit 3" });
  assert.deepEqual(lines, [
    "2 hosts: 2 exit 0",
    "== web[1-2] (2): exit 0",
    "hi",
    "stopped: check failed on web[1-2]: exit 3",
  ]);
});

Deno.test("remote_run repeated with its key does not run its check again either", async () => {
  await using lab = await openRunLab(2);
  const args = {
    targets: "@all",
    command: journalled(lab),
    check: `echo check >>${lab.journal}`,
    key: "k",
  };
  for (let times = 0; times < 2; times++) assert.equal((await lab.run(args)).isError, false);
  assert.deepEqual(await ranOn(lab), ["check", "check", "web1", "web2"]);
});

Deno.test("remote_run runs a command whose key reads like that of another run's check", async () => {
  await using lab = await openRunLab(1);
  const command = journalled(lab);
  await lab.run({ targets: "web1", command: "true", check: command, key: "up" });
  await lab.run({ targets: "web1", command, key: "check up" });
  assert.deepEqual(await ranOn(lab), ["web1", "web1"]);
});

Deno.test("remote_run that is cancelled begins no more, and says what is known", async () => {
  await using lab = await openRunLab(6);
  const caller = new AbortController();
  const command = `${journalled(lab)}; sleep 60`;
  const running = lab.run({ targets: "@all", command, parallel: 2 }, { signal: caller.signal });
  await until(async () => (await lab.entries()).length === 2);
  caller.abort(new CallEnded("cancelled"));
  const { text, structured } = await running;
  const begun = await lab.entries();
  assert.equal(begun.length, 2);
  const skipped = lab.hosts.map(({ name }) => name).filter((name) => !begun.includes(name));
  assert.deepEqual(at(structured, "skipped"), skipped);
  assert.ok(text.includes(`\nstopped: cancelled\nto go on: targets="${foldNames(skipped)}"`), text);
});

Deno.test("remote_run with a key goes on when its client is only disconnected", async () => {
  await using lab = await openRunLab(4);
  const caller = new AbortController();
  const args = {
    targets: "@all",
    command: `${journalled(lab)}; sleep 0.2`,
    parallel: 1,
    key: "k",
  };
  const running = lab.run(args, { signal: caller.signal });
  await until(async () => (await lab.entries()).length === 1);
  caller.abort(new CallEnded("disconnected"));
  assert.deepEqual(at((await running).structured, "counts", "succeeded"), 4);
  assert.deepEqual(await ranOn(lab), ["web1", "web2", "web3", "web4"]);
});

Deno.test("remote_run keeps no place for hosts that do not answer", async () => {
  using hole = await openBlackHole();
  const [count, connectMs] = [20, 1_000];
  const silent = Array.from({ length: count }, (_, place) =>
    labHost({
      name: `a-silent${place}`,
      lmcpUrl: hole.url,
      sshHost: null,
      timeouts: { connectMs },
    }));
  await using lab = await openRunLab(3, { others: silent });
  const startedAt = performance.now();
  const { structured } = await lab.run({ targets: "@all", command: "true", parallel: 1 });
  const tookMs = performance.now() - startedAt;
  assert.deepEqual(at(structured, "counts", "succeeded"), 3);
  assert.ok(tookMs < count * connectMs / 2, `it took ${Math.round(tookMs)} ms`);
});
