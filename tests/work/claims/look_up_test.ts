import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { lookUpScript, readLookUp } from "../../../lib/work/claims/look_up.ts";
import { listJobsProcedure } from "../../../lib/work/jobs/list.ts";
import { jobsBelow } from "../../../lib/work/jobs/place.ts";
import type { ClaimPlace } from "../../../lib/work/claims/on_host.ts";
import { makeOldFolder, type OldFolder, runHere, startOf } from "./host_scripts.ts";

const linux = { ignore: Deno.build.os !== "linux" };
const DIGEST = "0d".repeat(32);

/** Looks a claim up that has these files. */
async function lookUp(
  folder: OldFolder,
  files: Readonly<Record<string, string>> | null,
  { id = newClaimId(), ageSeconds = 5, boot = folder.boot } = {},
) {
  if (files !== null) {
    await Deno.mkdir(`${folder.path}/${id}`, { mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder.path}/${id}/${name}`, text);
    }
  }
  const place: ClaimPlace = { kind: "agent", directory: folder.path, id: folder.id, boot };
  return readLookUp(await runHere(lookUpScript({ place, id, ageSeconds })));
}

/** A process of that age which has ended, so that its id is free. */
async function endedProcess(): Promise<{ pid: number; start: string }> {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const start = await startOf(child.pid);
  child.kill("SIGKILL");
  await child.status;
  return { pid: child.pid, start };
}

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
    await Deno.writeTextFile(`${folder.path}/.since-${folder.boot}`, `${Number(uptime) - 5}\n`);
    const id = newClaimId();
    assert.deepEqual((await lookUp(folder, null, { id, ageSeconds: 5 })).found, {
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
    const args = ["-c", "sleep 0.05 & echo $!; exec sleep 30"];
    const parent = new Deno.Command("bash", { args, stdout: "piped" }).spawn();
    const reader = parent.stdout.getReader();
    const pid = parseInt(new TextDecoder().decode((await reader.read()).value));
    const start = await startOf(pid);
    while (!(await Deno.readTextFile(`/proc/${pid}/stat`)).includes(") Z ")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const { found } = await lookUp(folder, { run: `${folder.boot} ${pid} ${start}\n` });
    assert.deepEqual(found, { state: "gone" });
    await reader.cancel();
    parent.kill("SIGKILL");
    await parent.status;
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

for (
  const [what, spoil] of [
    ["others may enter", (path: string) => Deno.chmod(path, 0o711)],
    ["its group may write to", (path: string) => Deno.chmod(path, 0o770)],
    ["is not there", (path: string) => Deno.rename(path, `${path}-moved`)],
  ] as const
) {
  Deno.test({
    name: `a folder that ${what} is not used`,
    ...linux,
    fn: async () => {
      const folder = await makeOldFolder();
      await spoil(folder.path);
      const { found } = await lookUp(folder, null);
      assert.deepEqual(found, {
        state: "unable",
        reason: "only its user must be able to enter it",
      });
      for (const path of [folder.path, `${folder.path}-moved`]) {
        await Deno.remove(path, { recursive: true }).catch(() => {});
      }
    },
  });
}

Deno.test({
  name: "an agent's folder that was not in use since the start of the host is not used",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    await Deno.remove(`${folder.path}/.since-${folder.boot}`);
    assert.deepEqual((await lookUp(folder, null)).found, {
      state: "unable",
      reason: "its agent has not run since the host started",
    });
  },
});

Deno.test({
  name: "a folder that has the path of the agent's, and is another one, is not used",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    await Deno.writeTextFile(`${folder.path}/.id`, "f-2\n");
    assert.deepEqual((await lookUp(folder, null)).found, {
      state: "unable",
      reason: "it is not the agent's folder",
    });
  },
});

Deno.test({
  name: "the ssh user's own folder is made in the home, or where XDG_STATE_HOME says",
  ...linux,
  fn: async () => {
    await using home = await makeOldFolder();
    for (
      const [env, path] of [
        [{ HOME: home.path, XDG_STATE_HOME: "" }, `${home.path}/.local/state/lmcp`],
        [{ HOME: home.path, XDG_STATE_HOME: `${home.path}/x y` }, `${home.path}/x y/lmcp`],
      ] as const
    ) {
      const request = { place: { kind: "own" }, id: newClaimId(), ageSeconds: 0 } as const;
      assert.deepEqual(readLookUp(await runHere(lookUpScript(request), env)).found, {
        state: "forgotten",
      });
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
      await Deno.writeTextFile(`${path}/.since-${home.boot}`, "0\n");
      assert.deepEqual(readLookUp(await runHere(lookUpScript(request), env)).found, {
        state: "fenced",
      });
    }
    const nowhere = { place: { kind: "own" }, id: newClaimId(), ageSeconds: 0 } as const;
    const env = { HOME: "", XDG_STATE_HOME: "" };
    assert.equal(readLookUp(await runHere(lookUpScript(nowhere), env)).found.state, "unable");
  },
});

Deno.test({
  name:
    "a folder that was first used later than now, before its container was restarted, is used again",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const since = `${folder.path}/.since-${folder.boot}`;
    await Deno.writeTextFile(since, "999999999\n");
    const given: ClaimPlace = {
      kind: "agent",
      directory: folder.path,
      id: folder.id,
      boot: folder.boot,
    };
    const look = async (place: ClaimPlace) =>
      readLookUp(await runHere(lookUpScript({ place, id: newClaimId(), ageSeconds: 1 }))).found;
    assert.equal((await look(given)).state, "unable");
    assert.equal((await look({ kind: "made", directory: folder.path })).state, "forgotten");
    const [uptime = ""] = (await Deno.readTextFile("/proc/uptime")).split(".");
    assert.ok(Number(uptime) - Number(await Deno.readTextFile(since)) < 60);
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

Deno.test({
  name:
    "options and separators that a shell has from its user do not get in the way of claims and jobs",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const file = `${folder.path}/.bashenv`;
    await Deno.writeTextFile(file, "IFS=0; shopt -s failglob; set -Ceu\n");
    const env = { BASH_ENV: file, XDG_STATE_HOME: `${folder.path}/state` };
    const place: ClaimPlace = { kind: "agent", directory: folder.path, id: folder.id, boot: null };
    const asked = { place, id: newClaimId(), ageSeconds: 1 };
    for (let times = 0; times < 2; times++) {
      const { found } = readLookUp(await runHere(lookUpScript(asked), env));
      assert.deepEqual(found, { state: "fenced" });
    }
    const jobs = listJobsProcedure({ places: [jobsBelow(folder.path)], state: null });
    await Deno.mkdir(`${folder.path}/jobs`, { mode: 0o700 });
    assert.equal(jobs.read(await runHere(jobs, env)).failure, null);
  },
});
