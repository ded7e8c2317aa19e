import assert from "node:assert/strict";
import { conclude, type Ended, type NothingRan } from "../../lib/shell/conclusion.ts";

/** What is concluded when both streams say the same. */
function concludeAlike(started: boolean, ended: Ended) {
  const stream = { started, end: { exitCode: 143, remains: false } };
  const nothingRan = (why: NothingRan["why"]): NothingRan => ({
    kind: "not_started",
    why,
    exitCode: null,
    noise: "",
  });
  return conclude({ streams: [stream, stream], ended, nothingRan });
}

Deno.test("conclude() says of a command that had not begun what ended it", () => {
  const rows = [
    ["itself", "refused"],
    ["timeout", "too_late"],
    ["cancelled", "cancelled"],
  ] as const;
  for (const [ended, why] of rows) {
    const result = concludeAlike(false, ended);
    assert.equal(result.kind, "not_started");
    assert.equal(result.why, why);
    assert.equal(concludeAlike(true, ended).kind, "ran");
  }
});
