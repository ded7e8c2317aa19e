import assert from "node:assert/strict";
import { lossOf, unsentOrLost } from "../../../lib/fleet/nats/failures.ts";
import { mayHaveRun } from "../../../lib/fleet/outcome.ts";

Deno.test("what nobody got did not run, all else may have", () => {
  const kinds = ["unsent", "unheard", "silence", "disconnected", "junk"] as const;
  const first = kinds.filter((kind) => mayHaveRun(unsentOrLost({ kind }), "shell"));
  assert.deepEqual(first, ["silence", "disconnected", "junk"]);
  // Somebody has it already.
  assert.deepEqual(kinds.filter((kind) => mayHaveRun(lossOf({ kind }), "shell")), [...kinds]);
});
