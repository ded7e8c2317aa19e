import assert from "node:assert/strict";
import { createLineFinder } from "../../../../lib/config/registry/formats/lines.ts";

const findLine = createLineFinder(
  [
    "top = 1 # comment [not.a.table]", // 1
    "", // 2
    "[hosts.a]", // 3
    'text = """', // 4
    "fake = 1", // 5
    "[fake]", // 6
    '"""', // 7
    "list = [", // 8
    '  \'[x]\', # ] """', // 9
    "  'fake = 2',", // 10
    "]", // 11
    'last = "#"', // 12
    "[ 'hosts' . \"b.\\u0063\" ]", // 13
    "x.y = { z = 1, w = [{ v = 1 }] }", // 14
    "[[tables]]", // 15
    "k = 1", // 16
    "[[tables]]", // 17
    "k = 2", // 18
    "[hosts]", // 19
    "c.d = 1979-05-27", // 20
  ].join("\r\n"),
);

const places: readonly (readonly [readonly PropertyKey[], number | null])[] = [
  [["top"], 1],
  [["hosts"], 3],
  [["hosts", "a"], 3],
  [["hosts", "a", "text"], 4],
  [["hosts", "a", "list"], 8],
  [["hosts", "a", "list", 1], 8],
  [["hosts", "a", "last"], 12],
  [["hosts", "a", "fake"], 3],
  [["hosts", "b.c"], 13],
  [["hosts", "b.c", "x"], 14],
  [["hosts", "b.c", "x", "y", "z"], 14],
  [["tables"], 15],
  [["hosts", "c"], 20],
  [["hosts", "c", "d"], 20],
  [["fake"], null],
  [[], null],
];

for (const [path, line] of places) {
  Deno.test(`createLineFinder() finds ${path.map(String).join(" ") || "the root"}`, () => {
    assert.equal(findLine(path), line);
  });
}
