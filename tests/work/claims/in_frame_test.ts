import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { frameClaim } from "../../../lib/work/claims/in_frame.ts";
import type { ClaimPlace } from "../../../lib/work/claims/on_host.ts";
import type { SessionResult } from "../../../lib/shell/conclusion.ts";
import { runScript, runUntilItSpeaks } from "../../shell/session_runs.ts";
import { makeOldFolder, type OldFolder } from "./host_scripts.ts";

const linux = { ignore: Deno.build.os !== "linux" };
const DIGEST = "0d".repeat(32);

function place({ path, id }: OldFolder): ClaimPlace {
  return { kind: "agent", directory: path, id, boot: null };
}

/** The shell may have exited by itself, or not. */
function withoutCode(result: SessionResult) {
  const { exitCode: _, ...rest } = { exitCode: null, ...result };
  return rest;
}

Deno.test({
  name: "of two frames with one claim at once, one runs its command",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const id = newClaimId();
    const claim = frameClaim({ id, digest: DIGEST }, place(folder));
    const journal = `${folder.path}/journal`;
    const script = `echo run >>${journal}; echo out; exit 7`;
    const runs = await Promise.all([0, 1].map(() => runScript(script, { claim })));
    const results = runs.map(({ result }) => withoutCode(result))
      .sort((a, b) => a.kind < b.kind ? -1 : 1);
    assert.deepEqual(results, [
      { kind: "not_started", why: "taken", noise: "" },
      { kind: "ran", ended: "itself" },
    ]);
    assert.equal(runs.find(({ result }) => result.kind === "ran")?.output.stdout, "out\n");
    assert.equal(await Deno.readTextFile(journal), "run\n");
    assert.equal(await Deno.readTextFile(`${folder.path}/${id}/rc`), "7\n");
    const [boot, pid, start, digest] = (await Deno.readTextFile(`${folder.path}/${id}/run`))
      .trimEnd().split(" ");
    assert.deepEqual([boot, digest], [folder.boot, DIGEST]);
    assert.match(`${pid} ${start}`, /^\d+ \d+$/);
  },
});

Deno.test({
  name: "a frame that cannot claim its command does not run it, and says why",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    await Deno.chmod(folder.path, 0o755);
    const claim = frameClaim({ id: newClaimId(), digest: null }, place(folder));
    const { result } = await runScript(`: >${folder.path}/ran`, { claim });
    assert.deepEqual(withoutCode(result), {
      kind: "not_started",
      why: "unclaimable",
      noise: "only its user must be able to enter it\n",
    });
    await assert.rejects(Deno.stat(`${folder.path}/ran`), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "a frame claims before it reads the command's input, and leaves that to the command",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const claim = frameClaim({ id: newClaimId(), digest: null }, place(folder));
    const input = new TextEncoder().encode("x".repeat(100_000));
    const { result, output } = await runScript("head -c 100000 | wc -c", { claim, input });
    assert.equal(result.kind, "ran");
    assert.equal(output.stdout.trim(), "100000");
    const again = await runScript("head -c 100000 | wc -c", { claim, input });
    assert.equal(again.result.kind, "not_started");
  },
});

Deno.test({
  name: "a command that a frame has ended is kept as ended",
  ...linux,
  fn: async () => {
    await using folder = await makeOldFolder();
    const id = newClaimId();
    const claim = frameClaim({ id, digest: null }, place(folder));
    const { result } = await runUntilItSpeaks("echo begun; sleep 60", { claim });
    assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "cancelled" });
    assert.equal(await Deno.readTextFile(`${folder.path}/${id}/rc`), "143 ended\n");
  },
});
