import assert from "node:assert/strict";
import { createFileQueue } from "../../../lib/agent/files/queue.ts";

const { signal } = new AbortController();

/** Work that takes a moment, and notes how many others were at it meanwhile. */
function createWork() {
  let running = 0;
  let most = 0;
  return {
    most: () => most,
    work: (fails = false) => async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      if (fails) throw new Error("failed");
    },
  };
}

async function makeFolders(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(`${directory}/real`);
  await Deno.symlink("real", `${directory}/link`);
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

Deno.test("createFileQueue() does work on one file in turn, also after some that failed", async () => {
  await using folders = await makeFolders();
  const inTurn = createFileQueue();
  const { work, most } = createWork();
  const results = await Promise.allSettled(
    [true, false, true, false].map((fails) =>
      inTurn({ path: `${folders.directory}/real/file`, signal }, work(fails))
    ),
  );
  const statuses = results.map(({ status }) => status);
  assert.deepEqual(statuses, ["rejected", "fulfilled", "rejected", "fulfilled"]);
  assert.equal(most(), 1);
});

Deno.test("createFileQueue() knows a folder by another name", async () => {
  await using folders = await makeFolders();
  const inTurn = createFileQueue();
  const { work, most } = createWork();
  await Promise.all(
    ["real", "link"].map((name) =>
      inTurn({ path: `${folders.directory}/${name}/file`, signal }, work())
    ),
  );
  assert.equal(most(), 1);
});

Deno.test("createFileQueue() does not wait for work on another file, nor where a folder is missing", async () => {
  await using folders = await makeFolders();
  const inTurn = createFileQueue();
  const first = Promise.withResolvers<void>();
  const waiting = inTurn({ path: `${folders.directory}/real/file`, signal }, () => first.promise);
  for (const name of ["real/other", "none/file", "file"]) {
    const done = await inTurn(
      { path: `${folders.directory}/${name}`, signal },
      () => Promise.resolve("done"),
    );
    assert.equal(done, "done");
  }
  first.resolve();
  await waiting;
});

Deno.test("createFileQueue() does not begin work that was cancelled while it waited", async () => {
  await using folders = await makeFolders();
  const inTurn = createFileQueue();
  const path = `${folders.directory}/real/file`;
  const first = Promise.withResolvers<void>();
  const waiting = inTurn({ path, signal }, () => first.promise);
  const cancelled = new AbortController();
  let hasBegun = false;
  const second = inTurn(
    { path, signal: cancelled.signal },
    () => Promise.resolve(hasBegun = true),
  );
  const refused = assert.rejects(second, {
    name: "Failure",
    message: "cancelled, nothing has changed",
  });
  cancelled.abort();
  first.resolve();
  await waiting;
  await refused;
  assert.equal(hasBegun, false);
});
