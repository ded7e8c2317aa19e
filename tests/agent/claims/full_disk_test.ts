import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { at } from "../../mcp/wire.ts";
import { mountSmall } from "../../mount_small.ts";
import { rootTest } from "../../shell/hosts.ts";
import { claimIn, firstTextOf, startClaimingAgent } from "./claiming.ts";

rootTest("on a full disk a call with a claim does not run, or its answer is not kept", async () => {
  const parent = await Deno.makeTempDir();
  {
    await using _disk = await mountSmall(`${parent}/state`, { size: "64k", files: 16 });
    await using agent = await startClaimingAgent({ stateDirectory: `${parent}/state` });
    await agent.announce();
    const call = (id: string, command: string) =>
      agent.call("shell", { command }, { claim: { id } });
    const long = newClaimId();
    const result = await call(long, "head -c 100000 /dev/zero | tr '\\0' x");
    assert.match(String(firstTextOf(result)), /^\[rc=0\]\nx+$/);
    assert.deepEqual(await agent.settle({ id: long, ageSeconds: 0, waitMs: 10_000 }), {
      state: "ended",
      result: null,
    });

    const ran = `${parent}/ran`;
    let refused: unknown = null;
    for (let tries = 0; tries < 16 && refused === null; tries++) {
      refused = claimIn(await call(newClaimId(), `echo run >>${ran}`)) ?? null;
    }
    assert.equal(at(refused, "state"), "unclaimable");
    assert.equal(at(refused, "reason"), "no space left on device");
  }
  await Deno.remove(parent, { recursive: true });
});
