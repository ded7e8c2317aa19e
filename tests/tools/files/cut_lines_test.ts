import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallToolResult } from "../../../lib/mcp/tool.ts";
import { cutLines, limitLines } from "../../../lib/tools/files/cut_lines.ts";

const PREFIX = "[via ssh fallback]\n";
const FACTS = { bytes: 60_000, sha256: "ab", encoding: "utf-8" };

function answer(text: string, details: JsonObject | null, prefix = ""): CallToolResult {
  return {
    content: [{ type: "text", text: prefix + text }],
    structuredContent: { text, details },
  };
}

function textOf(result: CallToolResult | null): string | null {
  const [block] = result?.content ?? [];
  return block?.type === "text" ? block.text : null;
}

function lines(first: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `${first + at}\n`).join("");
}

Deno.test("cutLines() leaves what is short as it is", () => {
  for (const text of ["", "a", "a\n", lines(1, 2_000)]) {
    assert.equal(cutLines(answer(text, FACTS), 30_000), null);
  }
  const part = { ...FACTS, first_line: 1, lines: 3_000, next_offset: null, changed: null };
  const note = "[lines 1-3000 of 60000 bytes, sha256 ab; the end]";
  assert.equal(cutLines(answer(lines(1, 3_000) + note, part), 30_000), null);
});

Deno.test("cutLines() shows 2,000 lines of a whole file, and where to go on", () => {
  for (const prefix of ["", PREFIX]) {
    assert.equal(
      textOf(cutLines(answer(lines(1, 2_100), FACTS, prefix), 30_000)),
      `${prefix}${
        lines(1, 2_000)
      }[lines 1-2,000 of 2,100 (60000 bytes, sha256 ab); next: offset=2001]`,
    );
  }
  assert.equal(
    textOf(cutLines(answer(lines(1, 2_001), null), 30_000)),
    `${lines(1, 2_000)}[lines 1-2,000 of 2,001; next: offset=2001]`,
  );
});

Deno.test("cutLines() shows no more than there may be characters, in whole lines", () => {
  assert.equal(
    textOf(cutLines(answer("aaa\nbbb\nccc", FACTS), 9)),
    "aaa\nbbb\n[lines 1-2 of 3 (60000 bytes, sha256 ab); next: offset=3]",
  );
  const part = { ...FACTS, first_line: 5, lines: 3, next_offset: null, changed: null };
  const note = "[lines 5-7 of 60000 bytes, sha256 ab; the end]";
  assert.equal(
    textOf(cutLines(answer(`aaa\nbbb\nccc\n${note}`, part, PREFIX), 9)),
    `${PREFIX}aaa\nbbb\n[lines 5-6 of 60000 bytes, sha256 ab; next: offset=7]`,
  );
});

Deno.test("cutLines() leaves a long line, and what is no file, to the usual cut", () => {
  assert.equal(cutLines(answer("a".repeat(100), FACTS), 10), null);
  assert.equal(cutLines({ ...answer("a\nb\nc\n", null), isError: true }, 3), null);
  assert.equal(cutLines({ content: [{ type: "text", text: "a\nb\n" }] }, 3), null);
});

Deno.test("limitLines() limits a part, and nothing else", () => {
  assert.deepEqual(limitLines({ path: "x", offset: 3 }), { path: "x", offset: 3, limit: 2_000 });
  for (
    const args of [
      { path: "x" },
      { path: "x", offset: 3, limit: 5_000 },
      { path: "x", encoding: "base64" },
      { path: "x", offset: "three" },
    ]
  ) {
    assert.deepEqual(limitLines(args), args);
  }
});
