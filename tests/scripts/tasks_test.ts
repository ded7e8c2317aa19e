import assert from "node:assert/strict";
import { z } from "zod";
import configuration from "../../deno.json" with { type: "json" };

const tasksShape = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) });

for (const [name, { command }] of Object.entries(tasksShape.parse(configuration).tasks)) {
  Deno.test(`deno task ${name} runs no code that deno.lock does not know`, () => {
    const parts = command.split("&&").filter((part) => /\bdeno (run|test|check)\b/.test(part));
    for (const part of parts) assert.match(part, / --frozen( |$)/, part);
    assert.ok(parts.length > 0 || name === "fmt", command);
  });
}
