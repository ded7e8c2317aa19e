import assert from "node:assert/strict";
import { claimantOf, HUB } from "../../lib/fleet/claimant.ts";
import { createByteBudget } from "../../lib/fleet/byte_budget.ts";
import { startBackend } from "../lab/backend.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { openSshTools } from "../tools/ssh_tools.ts";
import { summary } from "./answers.ts";
import { sshTest } from "./ssh/target.ts";

Deno.test("a lease gets what the others have left, and gives it back when it is disposed of", () => {
  const budget = createByteBudget(10);
  const second = budget.lease(HUB);
  {
    using first = budget.lease(HUB);
    assert.equal(first.take(7), true);
    assert.equal(second.take(4), false);
    assert.equal(second.take(3), true);
    assert.equal(first.take(1), false);
  }
  assert.equal(second.take(7), true);
  assert.equal(second.take(1), false);
});

Deno.test("a read that finds no room is turned away, a command's answer is not", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host], maxReadBytes: 10 });
  const read = summary(await hub.call("remote_read_file", { host: host.name, path: "/x" }));
  assert.match(read.text, /lmcp: too many large answers are being read at once, try again later/);
  const run = summary(await hub.call("remote_shell", { host: host.name, command: "true" }));
  assert.equal(run.outcome, "ok");
});

sshTest("a file read over ssh that finds no room is turned away", async () => {
  await using tools = await openSshTools({ maxReadBytes: 10 });
  const path = `${tools.directory}/file`;
  await Deno.writeTextFile(path, "x".repeat(11));
  const read = await tools.call("remote_read_file", { host: "target", path });
  assert.match(read.text, /ssh: too many large answers are being read at once, try again later/);
});

Deno.test("a client may hold half of the budget, and all clients all but a reserve", () => {
  const budget = createByteBudget(800);
  const [ann, bob, operator] = [claimantOf("ann"), claimantOf("bob"), HUB].map(budget.lease);
  assert.deepEqual([ann?.take(401), ann?.take(400), ann?.take(1)], [false, true, false]);
  assert.deepEqual([bob?.take(301), bob?.take(300)], [false, true]);
  assert.deepEqual([operator?.take(101), operator?.take(100)], [false, true]);
  ann?.[Symbol.dispose]();
  assert.equal(bob?.take(1), true);
});
