import assert from "node:assert/strict";
import { findForeignOwner } from "../../lib/approvals/socket/owner.ts";
import { serveApprovals } from "../../lib/approvals/socket/serve.ts";
import type { ApprovalGate } from "../../lib/approvals/gate.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { runApprove } from "../../lib/modes/approve.ts";
import { removeDirectory } from "../remove_directory.ts";

const [HUB, OTHER] = [12_345, 12_346];
const ROOT = 0;
/** Only root gives a directory to somebody else. */
const ignore = Deno.uid() !== ROOT;

/** A directory as `/tmp` or `/run` is, and one in it for sockets. */
async function openDirectory(parentMode: number, owner: number, mode = 0o700) {
  const parent = await Deno.makeTempDir();
  await Deno.chmod(parent, parentMode);
  const directory = `${parent}/lmcp-hub`;
  await Deno.mkdir(directory);
  await Deno.chmod(directory, mode);
  await Deno.chown(directory, owner, owner);
  return { directory, [Symbol.asyncDispose]: () => removeDirectory(parent) };
}

for (
  const [what, parentMode, owner, uid, isNamed, expected] of [
    ["one's own", 0o1777, HUB, HUB, false, null],
    ["root's", 0o1777, ROOT, HUB, false, null],
    ["another user's", 0o1777, OTHER, HUB, false, /another user's: run this as the user of/],
    ["another user's, named", 0o1777, OTHER, HUB, true, /another user's: run this as the user of/],
    ["another user's, for root, where anybody can make it", 0o1777, OTHER, ROOT, false, /anybody/],
    ["another user's, for root, where root alone can", 0o755, HUB, ROOT, false, null],
    ["another user's, for root, who has named it", 0o1777, HUB, ROOT, true, null],
  ] as const
) {
  Deno.test({
    name: `whose directory has sockets of hubs: ${what}`,
    ignore,
    fn: async () => {
      await using place = await openDirectory(parentMode, owner);
      const reason = await findForeignOwner(place.directory, { uid, isNamed });
      if (expected === null) assert.equal(reason, null);
      else assert.match(reason ?? "", expected);
    },
  });
}

Deno.test({
  name: "whose directory has sockets of hubs: not one's own to which others may write, nor a link",
  ignore,
  fn: async () => {
    await using place = await openDirectory(0o755, HUB, 0o770);
    const looking = { uid: HUB, isNamed: true };
    assert.match(await findForeignOwner(place.directory, looking) ?? "", /others .* may write/);
    await Deno.symlink(place.directory, `${place.directory}-link`);
    assert.match(await findForeignOwner(`${place.directory}-link`, looking) ?? "", /no directory/);
  },
});

Deno.test({
  name: "--approvals and --approve ask no socket that another user has made",
  ignore,
  fn: async () => {
    await using place = await openDirectory(0o1777, OTHER);
    const gate: Pick<ApprovalGate, "waiting" | "decide"> = {
      waiting: () => assert.fail("it was asked"),
      decide: () => assert.fail("it was asked"),
    };
    const path = `${place.directory}/approvals.sock`;
    const served = await serveApprovals({ path, gate, clock: systemClock });
    const lines: string[] = [];
    for (const command of [{ mode: "approvals" }, { mode: "approve", id: "k7m2p9qxhd" }] as const) {
      const code = await runApprove(command, {
        name: "lmcp-hub",
        stdout: (line) => lines.push(line),
        stderr: (line) => lines.push(line),
        env: (name) => name === "LMCP_HUB_CONTROL_DIR" ? place.directory : undefined,
        now: () => 0,
        clock: systemClock,
        uid: () => HUB,
      });
      assert.equal(code, 2);
    }
    await served.close();
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, /Cannot use ".*": it is another user's: /);
  },
});
