import assert from "node:assert/strict";
import { runNatsChaos } from "../../scripts/chaos/nats/run.ts";
import { createRandom } from "../../scripts/chaos/random.ts";
import { NATS_SERVER } from "../nats/server.ts";
import { removeDirectory } from "../remove_directory.ts";

Deno.test({
  name: `two hubs on a nats-server, all of which are killed, run no call twice and lose none${
    NATS_SERVER === null ? " (needs nats-server)" : ""
  }`,
  ignore: NATS_SERVER === null,
  fn: async () => {
    const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "nats-chaos-" }));
    try {
      const { calls, answered, faults, troubles, unclear } = await runNatsChaos({
        calls: Infinity,
        inFlight: 24,
        maxMs: 12_000,
        random: createRandom(7),
        directory,
      });
      assert.deepEqual(unclear, []);
      assert.deepEqual(Object.entries(faults).filter(([, count]) => count > 0), []);
      assert.ok(answered.length >= calls);
      assert.ok(answered.some(({ tool, outcome }) => tool.changes && outcome === "ok"));
      assert.ok(troubles.brokerKilled + troubles.brokerPaused > 0);
    } finally {
      await removeDirectory(directory);
    }
  },
});
