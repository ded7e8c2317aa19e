import assert from "node:assert/strict";
import { newClaimId } from "../../../../lib/work/claims/id.ts";
import { makeOldFolder, makeZombie, startOf } from "../host_scripts.ts";
import { DIGEST, endedProcess, linux, lookUp } from "./lab.ts";

Deno.test({
  name: "a claim that nobody has made is fenced, for good",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const id = newClaimId();
    for (let times = 0; times < 2; times++) {
      const { found } = await lookUp(folder, null, { id });
      assert.deepEqual(found, { state: "fenced" });
    }
    await assert.rejects(Deno.mkdir(`${folder.path}/${id}`), Deno.errors.AlreadyExists);
  },
});

Deno.test({
  name: "of a claim that may be older than the folder nothing is known, and it is not made",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const [uptime = ""] = (await Deno.readTextFile("/proc/uptime")).split(".");
    await Deno.writeTextFile(`${folder.path}/.since-${folder.boot}`, `${Number(uptime) - 60}\n`);
    const id = newClaimId();
    assert.deepEqual((await lookUp(folder, null, { id, ageSeconds: 70 })).found, {
      state: "forgotten",
    });
    await assert.rejects(Deno.stat(`${folder.path}/${id}`), Deno.errors.NotFound);
    assert.deepEqual((await lookUp(folder, null, { id, ageSeconds: 1 })).found, {
      state: "fenced",
    });
  },
});

Deno.test({
  name: "a claim with an answer has ended, whoever ran it",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const { pid, start } = await endedProcess();
    const result = { content: [{ type: "text", text: "a\n€\n" }] };
    const files = { run: `${folder.boot} ${pid} ${start} ${DIGEST}\n` };
    const known = await lookUp(folder, { ...files, result: JSON.stringify(result) });
    assert.deepEqual(known, { found: { state: "ended", result }, digest: DIGEST, pid: 0 });
    const unreadable = await lookUp(folder, { ...files, result: "{" });
    assert.deepEqual(unreadable.found, { state: "ended", result: null });
  },
});

Deno.test({
  name: "a claim of a script says how that ended",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const run = `${folder.boot} 1 1\n`;
    const end = async (rc: string) => (await lookUp(folder, { run, rc })).found;
    const state = "exited";
    assert.deepEqual(await end("0\n"), {
      state,
      end: { exitCode: 0, wasEnded: false, remains: false },
    });
    assert.deepEqual(await end("137! ended\n"), {
      state,
      end: { exitCode: 137, wasEnded: true, remains: true },
    });
    // It is being written.
    assert.deepEqual(await end("14"), { state: "gone" });
  },
});

Deno.test({
  name: "a claim runs while its process does, and not when another one has its id",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const start = await startOf(Deno.pid);
    const own = { run: `${folder.boot} ${Deno.pid} ${start} ${DIGEST}\n` };
    const running = { found: { state: "running" }, digest: DIGEST, pid: Deno.pid };
    assert.deepEqual(await lookUp(folder, own), running);
    const reused = { run: `${folder.boot} ${Deno.pid} ${Number(start) - 1}\n` };
    assert.deepEqual(await lookUp(folder, reused), {
      found: { state: "gone" },
      digest: null,
      pid: 0,
    });
    const ended = await endedProcess();
    const gone = { run: `${folder.boot} ${ended.pid} ${ended.start}\n` };
    assert.deepEqual((await lookUp(folder, gone)).found, { state: "gone" });
  },
});

Deno.test({
  name: "a claim whose process is a zombie is gone",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    await using zombie = await makeZombie();
    const { found } = await lookUp(folder, {
      run: `${folder.boot} ${zombie.pid} ${zombie.start}\n`,
    });
    assert.deepEqual(found, { state: "gone" });
  },
});

Deno.test({
  name: "a claim of another boot does not run, and one without a process has just begun",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const start = await startOf(Deno.pid);
    const other = { run: `0-other-boot ${Deno.pid} ${start} ${DIGEST}\n` };
    assert.deepEqual(await lookUp(folder, other), {
      found: { state: "rebooted" },
      digest: DIGEST,
      pid: 0,
    });
    assert.deepEqual((await lookUp(folder, {})).found, { state: "begun" });
    assert.deepEqual((await lookUp(folder, { run: "half a line" })).found, { state: "begun" });
  },
});

Deno.test({
  name: "a link is no claim, and what it leads to is not read",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    await using other = await makeOldFolder();
    const id = newClaimId();
    await Deno.writeTextFile(`${other.path}/result`, '{"secret":1}');
    await Deno.symlink(other.path, `${folder.path}/${id}`);
    assert.equal((await lookUp(folder, null, { id })).found.state, "unable");
    const linked = newClaimId();
    await Deno.mkdir(`${folder.path}/${linked}`);
    await Deno.symlink(`${other.path}/result`, `${folder.path}/${linked}/result`);
    assert.deepEqual((await lookUp(folder, null, { id: linked })).found, { state: "begun" });
  },
});

Deno.test({
  name: "of a claim on another boot, perhaps of a copy of this machine, nothing is known",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const [id, boot] = [newClaimId(), "00000000-0000-4000-8000-000000000000"];
    assert.deepEqual((await lookUp(folder, null, { id, boot })).found, { state: "forgotten" });
    await assert.rejects(Deno.stat(`${folder.path}/${id}`), Deno.errors.NotFound);
    const run = `${boot} 1 1\n`;
    assert.deepEqual((await lookUp(folder, { run }, { id, boot })).found, { state: "rebooted" });
  },
});
