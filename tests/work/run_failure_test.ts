import assert from "node:assert/strict";
import { OutputCapture } from "../../lib/shell/output.ts";
import { findRunFailure } from "../../lib/work/run_failure.ts";
import type { ScriptRun } from "../../lib/work/script.ts";
import { shellProcedure } from "../../lib/work/shell.ts";

function runOf(run: Partial<ScriptRun>): ScriptRun {
  const output = new OutputCapture({ headBytes: 100, tailBytes: 0 });
  return { exitCode: 143, ended: "timeout", output, ...run };
}

const STILL = "could not be ended and may still be running";

for (
  const [ended, said] of [
    ["timeout", "it took too long"],
    ["cancelled", "cancelled"],
    ["output_full", "it has more output than can be given"],
  ] as const
) {
  Deno.test(`findRunFailure() says of a script that ended by ${ended} whether it may still run`, () => {
    assert.equal(findRunFailure(runOf({ ended })), said);
    assert.equal(findRunFailure(runOf({ ended, remains: true })), `${said}, but ${STILL}`);
  });
}

Deno.test("shellProcedure() says of a cancelled command whether it may still run", () => {
  const { read } = shellProcedure({ command: "true", cwd: "", timeoutSeconds: 1 });
  assert.equal(read(runOf({ ended: "cancelled" })).failure, "cancelled; the command was ended");
  const remains = read(runOf({ ended: "cancelled", remains: true }));
  assert.equal(remains.failure, `cancelled; the command ${STILL}`);
});
