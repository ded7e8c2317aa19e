import assert from "node:assert/strict";
import { readNotes } from "../../../lib/fleet/nats/notes.ts";

/** How many notifications are read of so many lines. */
function countRead(lines: readonly string[]): number {
  let count = 0;
  readNotes(new TextEncoder().encode(lines.join("\n")), () => count++);
  return count;
}

Deno.test("what comes with one reply is read within bounds, and what is no notification left out", () => {
  const note = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}';
  assert.equal(countRead([note, "junk", '{"jsonrpc":"2.0","id":1,"method":"ping"}', note]), 2);
  assert.equal(countRead(new Array(500).fill(note)), 64);
  assert.equal(countRead(new Array(10_000).fill(note)), 0);
  assert.equal(countRead([`${note.slice(0, -1)},"x":"${"x".repeat(70_000)}"}`]), 0);
});
