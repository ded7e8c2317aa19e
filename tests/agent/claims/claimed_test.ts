import assert from "node:assert/strict";
import { syncToDisk } from "../../../lib/agent/claims/durable.ts";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { META_CLAIMS } from "../../../lib/work/claims/protocol.ts";
import { CallEnded } from "../../../lib/mcp/in_flight.ts";
import { at } from "../../mcp/wire.ts";
import { makeOld } from "../../fleet/claims/lab.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { until } from "../../processes.ts";
import { claimIn, type ClaimingAgent, firstTextOf, startClaimingAgent } from "./claiming.ts";

const DIGEST = "d".repeat(64);

/** A command that leaves a line each time it runs. */
function counted(agent: ClaimingAgent, more = "true") {
  const file = `${agent.directory}/runs`;
  return {
    command: `echo run >>${file}; ${more}`,
    count: async () => (await Deno.readTextFile(file).catch(() => "")).split("run").length - 1,
  };
}

Deno.test("an agent announces its private folder of claims, and the boot", async () => {
  await using agent = await startClaimingAgent();
  const announced = (await agent.announce())[META_CLAIMS];
  assert.equal(at(announced, "directory"), agent.claims);
  if (Deno.build.os === "linux") {
    const boot = await Deno.readTextFile("/proc/sys/kernel/random/boot_id");
    assert.equal(at(announced, "boot"), boot.trim());
  }
  const { mode } = await Deno.stat(agent.claims);
  assert.equal((mode ?? 0) & 0o777, 0o700);
});

Deno.test("a call with a claim runs, and leaves its answer in it, which only its user can read", async () => {
  await using agent = await startClaimingAgent();
  const id = newClaimId();
  const result = await agent.call("shell", { command: "echo hi" }, { claim: { id } });
  assert.equal(firstTextOf(result), "[rc=0]\nhi\n");
  await agent.settle({ id, ageSeconds: 0, waitMs: 10_000 });
  const kept = await Deno.readTextFile(`${agent.claims}/${id}/result`);
  assert.deepEqual(JSON.parse(kept), result);
  const { mode } = await Deno.stat(`${agent.claims}/${id}`);
  assert.equal((mode ?? 0) & 0o777, 0o700);
});

Deno.test("a call whose claim has ended does not run again, and is given its answer", async () => {
  await using agent = await startClaimingAgent();
  // With a digest, so that its answer is kept before it is given.
  const claim = { id: newClaimId(), digest: DIGEST };
  const { command, count } = counted(agent, "echo hi; exit 3");
  const first = await agent.call("shell", { command }, { claim });
  const second = await agent.call("shell", { command }, { claim });
  assert.deepEqual({ ...second, _meta: undefined }, { ...first, _meta: undefined });
  assert.deepEqual([claimIn(first), claimIn(second)], [undefined, {
    state: "ended",
    digest: DIGEST,
  }]);
  assert.equal(await count(), 1);
});

Deno.test("of two calls with one claim at once, one runs, and the other one hears of it", async () => {
  await using agent = await startClaimingAgent();
  const go = `${agent.directory}/go`;
  const { command, count } = counted(agent, `until [ -e '${go}' ]; do sleep 0.02; done`);
  const claim = { id: newClaimId(), digest: DIGEST };
  const running = agent.call("shell", { command }, { claim });
  const other = await agent.call("shell", { command }, { claim });
  await Deno.writeTextFile(go, "");
  assert.deepEqual([claimIn(await running), claimIn(other)], [
    undefined,
    { state: "running", digest: DIGEST },
  ]);
  assert.equal(await count(), 1);
  assert.deepEqual(await agent.settle({ id: claim.id, ageSeconds: 0 }), {
    state: "ended",
    result: JSON.parse(await Deno.readTextFile(`${agent.claims}/${claim.id}/result`)),
    digest: DIGEST,
  });
});

Deno.test("an agent says nothing of claims in another folder, or a copy of it, and fences none", async () => {
  await using agent = await startClaimingAgent();
  const id = newClaimId();
  assert.deepEqual(await agent.settle({ id, folder: "f-2", ageSeconds: 0 }), {
    state: "unable",
    reason: "its claims are in another folder",
  });
  await makeOld(agent.claims);
  const boot = "00000000-0000-4000-8000-000000000000";
  assert.deepEqual(await agent.settle({ id, boot, ageSeconds: 0 }), { state: "forgotten" });
  assert.deepEqual(await claimsIn(agent), []);
});

Deno.test("a call without a claim, and one that only reads, claims nothing", async () => {
  await using agent = await startClaimingAgent();
  await agent.announce();
  await agent.call("shell", { command: "true" });
  await agent.call("list_dir", { path: agent.directory }, { claim: { id: newClaimId() } });
  assert.deepEqual(await claimsIn(agent), []);
});

for (const claim of [{ id: "../../x" }, { id: "" }, {}, "x", { id: newClaimId(), digest: "d" }]) {
  Deno.test(`a call with the claim ${JSON.stringify(claim)} does not run`, async () => {
    await using agent = await startClaimingAgent();
    const { command, count } = counted(agent);
    const result = await agent.call("shell", { command }, { claim });
    assert.equal(result.isError, true);
    assert.equal(at(claimIn(result), "state"), "unclaimable");
    assert.equal(await count(), 0);
  });
}

Deno.test("a claim that cannot be made keeps its call from running, and says why", async () => {
  await using agent = await startClaimingAgent({ stateDirectory: "/proc/1/nowhere" });
  const { command, count } = counted(agent);
  const result = await agent.call("shell", { command }, { claim: { id: newClaimId() } });
  assert.equal(at(claimIn(result), "state"), "unclaimable");
  assert.equal(await count(), 0);
  assert.deepEqual(await agent.announce(), { [META_CLAIMS]: {} });
  assert.equal(agent.warnings.length, 1);
});

Deno.test("a folder of claims that others may enter is not used", async () => {
  await using agent = await startClaimingAgent();
  await Deno.mkdir(agent.claims, { recursive: true });
  await Deno.chmod(agent.claims, 0o755);
  assert.deepEqual(await agent.announce(), { [META_CLAIMS]: {} });
  assert.match(agent.warnings[0] ?? "", /only its user must be able to enter it/);
});

Deno.test("a folder of claims that was removed is made again, after a call that did not run", async () => {
  await using agent = await startClaimingAgent();
  await agent.announce();
  await Deno.remove(agent.claims, { recursive: true });
  const call = () => agent.call("shell", { command: "true" }, { claim: { id: newClaimId() } });
  assert.equal(at(claimIn(await call()), "state"), "unclaimable");
  assert.equal(claimIn(await call()), undefined);
});

Deno.test("a caller that is disconnected does not end its call, one that cancels does", async () => {
  await using agent = await startClaimingAgent();
  const ended = async (reason: "disconnected" | "cancelled", seconds: number) => {
    const id = newClaimId();
    const controller = new AbortController();
    const started = `${agent.directory}/${reason}`;
    const call = agent.call("shell", { command: `: >${started}; sleep ${seconds}; echo done` }, {
      claim: { id },
      signal: controller.signal,
    });
    await until(() => Deno.stat(started).then(() => true, () => false));
    controller.abort(new CallEnded(reason));
    return firstTextOf(await call);
  };
  assert.equal(await ended("disconnected", 0.3), "[rc=0]\ndone\n");
  assert.equal(await ended("cancelled", 30), "Error: cancelled; the command was ended");
});

Deno.test("the file tools keep away from claims", async () => {
  await using agent = await startClaimingAgent();
  const id = newClaimId();
  await agent.call("shell", { command: "echo secret" }, { claim: { id } });
  const path = `${agent.claims}/${id}/result`;
  for (
    const [tool, args] of [
      ["read_file", { path }],
      ["read_part", { path, limit: 1 }],
      ["read_part", { path, encoding: "base64" }],
      ["write_file", { path, content: "{}" }],
      ["write_bytes", { path, content: "{}", if_sha256: "none" }],
      ["apply_edits", { path, edits: [{ old_string: "s", new_string: "x" }] }],
      ["list_dir", { path: agent.claims }],
      ["list_details", { path: agent.claims, all: true }],
      ["search_text", { path: agent.claims, content: "secret" }],
      ["search_text", { path, content: "secret" }],
    ] as const
  ) {
    assert.match(String(firstTextOf(await agent.call(tool, args))), /it is kept from file tools/);
  }
});

async function claimsIn({ claims }: ClaimingAgent): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(claims), ({ name }) => name);
  return names.filter((name) => !name.startsWith("."));
}

Deno.test("an agent whose folder was replaced uses the new one soon, under another id", async () => {
  const clock = createFakeClock();
  await using agent = await startClaimingAgent({ clock });
  const idOf = async () => at(await agent.announce(), META_CLAIMS, "id");
  const first = await idOf();
  await Deno.remove(agent.claims, { recursive: true });
  await Deno.mkdir(agent.claims, { mode: 0o700 });
  const ask = () => agent.settle({ id: newClaimId(), ageSeconds: 0 });
  assert.equal((await ask()).state, "unable");
  assert.equal(await idOf(), first);
  clock.advance(31_000);
  assert.equal((await ask()).state, "unable");
  assert.notEqual(await idOf(), first);
  assert.equal((await ask()).state, "forgotten");
});

Deno.test("an agent looks up no claim for whoever is gone when it has the turn", async () => {
  await using agent = await startClaimingAgent();
  await agent.announce();
  await makeOld(agent.claims);
  const gone = new AbortController();
  const settled = Array.from(
    { length: 20 },
    () => agent.settle({ id: newClaimId(), ageSeconds: 0 }, gone.signal),
  );
  const cancelled = newClaimId();
  settled.push(agent.settle({ id: cancelled, ageSeconds: 0, cancel: true }, gone.signal));
  gone.abort();
  await Promise.all(settled);
  assert.deepEqual(await claimsIn(agent), [cancelled]);
});

Deno.test("a call with a key runs when its claim is on the disk, and its answer is put there", async () => {
  const steps: string[] = [];
  await using agent = await startClaimingAgent({
    sync: async (path) => {
      await syncToDisk(path);
      steps.push(`${path.replace(agent.claims, "")} ${await count()}`);
    },
  });
  const { command, count } = counted(agent);
  const [id, other] = [`k${newClaimId()}`, newClaimId()];
  await agent.call("shell", { command }, { claim: { id, digest: DIGEST } });
  await agent.call("shell", { command }, { claim: { id: other } });
  assert.deepEqual(steps, [" 0", `/${id}/result.new 1`]);
});

Deno.test("syncToDisk() takes folders and files, and what is not there", async () => {
  const directory = await Deno.makeTempDir();
  for (const path of [directory, `${directory}/nothing`]) await syncToDisk(path);
  await Deno.remove(directory);
});
