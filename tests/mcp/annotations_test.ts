import assert from "node:assert/strict";
import { type Effects, toAnnotations } from "../../lib/mcp/annotations.ts";

const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

for (
  const [what, effects, expected] of [
    ["reads", { readOnly: true }, [true, undefined, undefined, false]],
    ["changes something", { readOnly: false }, [false, true, false, false]],
    ["changes it once", { readOnly: false, idempotent: true }, [false, true, true, false]],
    ["runs anything", { readOnly: false, openWorld: true }, [false, true, false, true]],
  ] satisfies readonly (readonly [string, Effects, readonly (boolean | undefined)[]])[]
) {
  Deno.test(`toAnnotations() hints at a tool that ${what}`, () => {
    const annotations = toAnnotations(effects);
    assert.deepEqual(HINTS.map((hint) => annotations[hint]), expected);
  });
}
