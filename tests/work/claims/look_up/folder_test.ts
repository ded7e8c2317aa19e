import assert from "node:assert/strict";
import { newClaimId } from "../../../../lib/work/claims/id.ts";
import { lookUpScript, readLookUp } from "../../../../lib/work/claims/look_up.ts";
import { listJobsProcedure } from "../../../../lib/work/jobs/list.ts";
import { jobsBelow } from "../../../../lib/work/jobs/place.ts";
import type { ClaimPlace } from "../../../../lib/work/claims/on_host.ts";
import { makeOldFolder, runHere } from "../host_scripts.ts";
import { linux, lookUp } from "./lab.ts";

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
