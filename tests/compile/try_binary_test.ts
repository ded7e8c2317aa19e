import assert from "node:assert/strict";
import { CompileError } from "../../scripts/compile/compile_error.ts";
import { tryBinary } from "../../scripts/compile/try_binary.ts";

async function tryScript(script: string): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/lmcp-hub`;
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await tryBinary(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("tryBinary() is content with a binary that prints its version", async () => {
  await tryScript('[ "$*" = --version ] && echo lmcp-hub 0.1.0');
});

Deno.test("tryBinary() names a binary that does not start, and what is likely wrong", async () => {
  const script =
    "echo 'error: Could not find standalone binary section.' >&2; echo more >&2; exit 1";
  await assert.rejects(tryScript(script), (error) => {
    assert.ok(error instanceof CompileError);
    assert.match(
      error.message,
      /lmcp-hub does not start: error: Could not find standalone binary section\.\nIf DENORT_BIN is set, it must name a denort of Deno \d/,
    );
    return true;
  });
});
