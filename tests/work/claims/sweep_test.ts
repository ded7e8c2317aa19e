import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { MAX_CLAIMS, readFill, sweepScript } from "../../../lib/work/claims/sweep.ts";
import { makeOldFolder, type OldFolder, runHere } from "./host_scripts.ts";

const MINUTE_MS = 60_000;

async function makeClaim({ path }: OldFolder, ageMinutes: number, prefix = ""): Promise<string> {
  const name = `${prefix}${newClaimId()}`;
  await Deno.mkdir(`${path}/${name}`);
  await Deno.writeTextFile(`${path}/${name}/result`, "{}");
  const at = new Date(Date.now() - ageMinutes * MINUTE_MS);
  await Deno.utime(`${path}/${name}`, at, at);
  return name;
}

async function sweep({ path }: OldFolder) {
  const fill = readFill(await runHere(sweepScript(path)));
  const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
  return { fill, left: names.filter((name) => !name.startsWith(".")).sort() };
}

Deno.test("claims are removed when they are older than a day, and nothing else is", async () => {
  await using folder = await makeOldFolder();
  const kept = [await makeClaim(folder, 23 * 60), await makeClaim(folder, 23 * 60, "k")];
  await makeClaim(folder, 25 * 60);
  await makeClaim(folder, 25 * 60, "k");
  await Deno.mkdir(`${folder.path}/x-other`);
  const other = new Date(0);
  await Deno.utime(`${folder.path}/x-other`, other, other);
  assert.deepEqual(await sweep(folder), {
    fill: { claims: 2, isFull: false },
    left: [...kept, "x-other"].sort(),
  });
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
