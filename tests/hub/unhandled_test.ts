import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { logUnhandledErrors } from "../../lib/hub/unhandled.ts";

const PROGRAM = fileURLToPath(new URL("unhandled_program.ts", import.meta.url));

async function run(...args: readonly string[]) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", PROGRAM, ...args],
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("logUnhandledErrors() keeps a program alive, and logs what nobody handled", async () => {
  const { code, stderr } = await run("handled");
  assert.equal(code, 0);
  assert.match(stderr, /ERROR unhandled error error="TypeError: a rejection"/);
  assert.match(stderr, /ERROR unhandled error error="RangeError: an exception"/);
  assert.match(stderr, /INFO went on/);
});

Deno.test("without logUnhandledErrors() such a program ends", async () => {
  const { code, stderr } = await run();
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, /went on/);
});

Deno.test("logUnhandledErrors() ends when it is disposed of", () => {
  const target = new EventTarget();
  const logged: unknown[] = [];
  const log = { error: (_message: string, fields: unknown) => logged.push(fields) };
  const rejection = () =>
    new PromiseRejectionEvent("unhandledrejection", {
      promise: Promise.resolve(),
      reason: "no",
      cancelable: true,
    });
  {
    using _handler = logUnhandledErrors(log, target);
    assert.equal(target.dispatchEvent(rejection()), false);
  }
  assert.equal(target.dispatchEvent(rejection()), true);
  assert.deepEqual(logged, [{ error: "no" }]);
});
