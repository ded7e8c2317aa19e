import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("task bench names what is wrong with its arguments", async () => {
  const script = fileURLToPath(new URL("../../scripts/bench.ts", import.meta.url));
  const args = ["run", "--quiet", "--no-prompt", "-P=bench", script, "--only", "speed"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /Unknown section "speed": there are latency, /);
});
