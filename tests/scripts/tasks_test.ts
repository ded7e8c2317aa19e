import assert from "node:assert/strict";
import { z } from "zod";
import { V8_FLAGS } from "../../scripts/compile/v8_flags.ts";
import configuration from "../../deno.json" with { type: "json" };

const tasksShape = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) });

const { tasks } = tasksShape.parse(configuration);

for (const [name, { command }] of Object.entries(tasks)) {
  Deno.test(`deno task ${name} runs no code that deno.lock does not know`, () => {
    const parts = command.split("&&").filter((part) => /\bdeno (run|test|check)\b/.test(part));
    for (const part of parts) assert.match(part, / --frozen( |$)/, part);
    assert.ok(parts.length > 0 || name === "fmt", command);
  });
}

Deno.test("deno task start and deno task agent treat memory as the binaries do", () => {
  for (const name of ["start", "agent"]) assert.ok(tasks[name]?.command.includes(V8_FLAGS), name);
});
