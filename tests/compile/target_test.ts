import assert from "node:assert/strict";
import { CompileError } from "../../scripts/compile/compile_error.ts";
import { parseTargets } from "../../scripts/compile/target.ts";

Deno.test("parseTargets() is for this machine where no target is given", () => {
  assert.deepEqual(parseTargets([]), [null]);
});

Deno.test("parseTargets() takes several targets, in the order given", () => {
  const targets = parseTargets(["--target", "macos-arm64", "--target=linux-x64"]);
  assert.deepEqual(targets.map((target) => target?.triple), [
    "aarch64-apple-darwin",
    "x86_64-unknown-linux-gnu",
  ]);
});

Deno.test("parseTargets() refuses what it does not know, and lists what it does", () => {
  const refusal = (message: RegExp) => (error: unknown) =>
    error instanceof CompileError && message.test(error.message);
  assert.throws(() => parseTargets(["--target", "amiga"]), refusal(/linux-x64.*not "amiga"$/));
  assert.throws(() => parseTargets(["--tarket", "linux-x64"]), refusal(/'--tarket'/));
  assert.throws(() => parseTargets(["linux-x64"]), refusal(/'linux-x64'/));
});
