import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { MAX_CLAIMS, readFill, type Sweeper, sweepScript } from "../../../lib/work/claims/sweep.ts";
import { bootedAt, makeOldFolder, type OldFolder, runHere, startOf } from "./host_scripts.ts";

const MINUTE_MS = 60_000;

async function makeClaim({ path }: OldFolder, ageMinutes: number, prefix = ""): Promise<string> {
  const name = `${prefix}${newClaimId()}`;
  await Deno.mkdir(`${path}/${name}`);
  await Deno.writeTextFile(`${path}/${name}/result`, "{}");
  const at = new Date(Date.now() - ageMinutes * MINUTE_MS);
  await Deno.utime(`${path}/${name}`, at, at);
  return name;
}

async function sweep({ path }: OldFolder, sweeper: Partial<Sweeper> = {}) {
  const script = sweepScript(path, { pid: 1, held: [], ...sweeper });
  const fill = readFill(await runHere(script));
  const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
  return { fill, left: names.filter((name) => !name.startsWith(".")).sort() };
}

Deno.test("claims are removed when they are older than a day, and nothing else is", async () => {
  await using folder = await makeOldFolder();
  const kept = [await makeClaim(folder, 23 * 60), await makeClaim(folder, 23 * 60, "k")];
  await makeClaim(folder, 25 * 60);
  await makeClaim(folder, 25 * 60, "k");
  const others = ["x-other", "backup", "f", `${"0".repeat(32)}.old`, "0".repeat(31)];
  for (const name of others) {
    await Deno.mkdir(`${folder.path}/${name}`);
    await Deno.utime(`${folder.path}/${name}`, 0, 0);
  }
  assert.deepEqual(await sweep(folder), {
    fill: { claims: 6, isFull: false },
    left: [...kept, ...others].sort(),
  });
});

Deno.test("what says since when this boot's claims are known is kept for as long as it lasts", async () => {
  await using folder = await makeOldFolder();
  const old = [`.since-${folder.boot}`, `.clock-${folder.boot}`, ".since-other", ".clock-other"];
  for (const name of old) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "0\n", { append: true });
    await Deno.utime(`${folder.path}/${name}`, 0, 0);
  }
  await sweep(folder);
  const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  assert.deepEqual(names.sort(), [".clock-" + folder.boot, ".id", ".since-" + folder.boot]);
});

for (const setBy of [86_400, -86_400, null]) {
  Deno.test(`no claim is removed for its age when the clock was set by ${setBy} s`, async () => {
    await using folder = await makeOldFolder();
    const clock = `${folder.path}/.clock-${folder.boot}`;
    if (setBy === null) await Deno.remove(clock);
    else await Deno.writeTextFile(clock, `${await bootedAt() - setBy}\n`);
    const claims = [await makeClaim(folder, 25 * 60), await makeClaim(folder, -25 * 60, "k")];
    for (let times = 0; times < 2; times++) {
      assert.deepEqual((await sweep(folder)).left, claims.toSorted());
    }
    for (const name of claims) {
      const { mtime } = await Deno.stat(`${folder.path}/${name}`);
      assert.ok(Math.abs(Date.now() - Number(mtime)) < 60_000);
    }
  });
}

Deno.test("the claim of a call that still runs is kept, however long it takes", async () => {
  await using folder = await makeOldFolder();
  const claim = async (run: string, more: readonly string[] = []) => {
    const name = await makeClaim(folder, 0);
    const path = `${folder.path}/${name}`;
    await Deno.remove(`${path}/result`);
    await Deno.writeTextFile(`${path}/run`, `${run}\n`);
    for (const file of more) await Deno.writeTextFile(`${path}/${file}`, "0\n");
    await Deno.utime(path, 0, 0);
    return name;
  };
  const { boot } = folder;
  const run = `${boot} ${Deno.pid} ${await startOf(Deno.pid)}`;
  const [running, held] = [await claim(run), await claim(`${boot} 1 ${await startOf(1)}`)];
  await claim(run, ["rc"]);
  await claim(`${boot} ${Deno.pid} 12345`);
  await claim(`other ${Deno.pid} ${await startOf(Deno.pid)}`);
  await claim(`${boot} 1 ${await startOf(1)}`);
  assert.deepEqual((await sweep(folder, { held: [held] })).left, [running, held].sort());
});

Deno.test("an empty folder of claims is swept, too", async () => {
  await using folder = await makeOldFolder();
  assert.deepEqual(await sweep(folder), { fill: { claims: 0, isFull: false }, left: [] });
});

Deno.test("a crowded folder loses what is older than 15 minutes and has no key", async () => {
  await using folder = await makeOldFolder();
  const [young, keyed] = [await makeClaim(folder, 10), await makeClaim(folder, 60, "k")];
  await makeClaim(folder, 60);
  const young2 = await Promise.all(Array.from({ length: MAX_CLAIMS * 3 / 4 }, async () => {
    const name = newClaimId();
    await Deno.mkdir(`${folder.path}/${name}`);
    return name;
  }));
  const { fill, left } = await sweep(folder);
  assert.deepEqual(left, [young, keyed, ...young2].sort());
  assert.equal(fill?.isFull, false);
  const more = Array.from(
    { length: MAX_CLAIMS / 4 },
    () => Deno.mkdir(`${folder.path}/${newClaimId()}`),
  );
  await Promise.all(more);
  assert.equal((await sweep(folder)).fill?.isFull, true);
});

Deno.test("what jobs beside the claims have printed does not fill their folder", async () => {
  await using folder = await makeOldFolder();
  await Deno.mkdir(`${folder.path}/jobs`);
  await Deno.writeFile(`${folder.path}/jobs/out`, new Uint8Array(257 * 1024 * 1024));
  assert.deepEqual(await sweep(folder), { fill: { claims: 0, isFull: false }, left: ["jobs"] });
  await makeClaim(folder, 1);
  const [name = ""] = (await sweep(folder)).left;
  await Deno.writeFile(`${folder.path}/${name}/result`, new Uint8Array(257 * 1024 * 1024));
  assert.equal((await sweep(folder)).fill?.isFull, true);
});
