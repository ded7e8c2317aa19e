import assert from "node:assert/strict";
import { parseTargets } from "../../scripts/compile/target.ts";
import { parseOptions } from "../../scripts/deb/options.ts";
import { parseDevOptions } from "../../scripts/dev/options.ts";
import { parseRepository } from "../../scripts/mcpb/options.ts";

const TASKS: readonly (readonly [string, (args: readonly string[]) => unknown])[] = [
  ["dev [--nats]", parseDevOptions],
  ["compile [--target linux-x64|linux-arm64|macos-x64|macos-arm64]...", parseTargets],
  ["deb [--target linux-x64|linux-arm64]", (args) => parseOptions(args, "x86_64")],
  ["mcpb [--repository OWNER/NAME]", parseRepository],
];

for (const [usage, parse] of TASKS) {
  for (const arg of ["--help", "--natz", "x"]) {
    Deno.test(`deno task ${usage} says so of the argument ${arg}, which it does not take`, () => {
      assert.throws(() => parse([arg]), (error) => {
        assert.ok(error instanceof Error);
        assert.ok(error.message.includes(arg), error.message);
        assert.ok(error.message.endsWith(`\nUsage: deno task ${usage}`), error.message);
        return true;
      });
    });
  }
}
