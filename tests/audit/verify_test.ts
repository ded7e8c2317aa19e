import assert from "node:assert/strict";
import { hashBehind, linkLines, NO_LINE, readLink } from "../../lib/audit/chain.ts";
import { checkAuditFiles } from "../../lib/audit/check_files.ts";
import { formatProblem } from "../../lib/base/problem.ts";

/** Ten lines as a hub writes them. */
const TEXT = Array.from({ length: 10 }, (_, index) => `{"what":"line ${index + 1}"}\n`).join("");
const LINKED = linkLines(TEXT, NO_LINE);
const LINES = new TextDecoder().decode(LINKED.bytes).split("\n").slice(0, -1);

/** What is found in files of these lines. */
async function check(
  files: Readonly<Record<string, readonly string[]>>,
  options: { readonly hashes?: readonly string[]; readonly needsChain?: boolean } = {},
) {
  async function* readLines(path: string) {
    for (const line of files[path] ?? []) {
      yield { bytes: new TextEncoder().encode(line), isEnded: true };
    }
  }
  const { problems, chain } = await checkAuditFiles(Object.keys(files), { readLines, ...options });
  return { problems: problems.map(formatProblem), chain };
}

/** Lines, linked as a tamperer can link them, behind one that is there. */
function forge(text: string, behind: number): string {
  const head = LINKED.heads[behind - 1] ?? NO_LINE;
  return new TextDecoder().decode(linkLines(`${text}\n`, head).bytes).trimEnd();
}

/** Six lines, one that was cut off, and one behind that. */
function behindTorn(lines: readonly string[]): readonly string[] {
  const torn = (lines[6] ?? "").slice(0, 20);
  const hash = hashBehind(new TextEncoder().encode(torn), LINKED.heads[5]?.hash ?? null);
  const { bytes } = linkLines(`${NONE}\n`, { seq: 7, hash });
  return [...lines.slice(0, 6), torn, new TextDecoder().decode(bytes).trimEnd()];
}

const NONE = '{"what":"new"}';
const WITHOUT_HASH = "has no hash of the line before: it was added, or changed, or written while " +
  "LMCP_HUB_AUDIT_CHAIN was off";

const tampered: readonly (readonly [
  what: string,
  change: (lines: readonly string[]) => readonly string[],
  problems: readonly string[],
])[] = [
  ["nothing", (lines) => lines, []],
  [
    "a changed line",
    (lines) => lines.with(4, (lines[4] ?? "").replace("line 5", "line 6")),
    ["a:5: error: was changed: the next line has another hash of it"],
  ],
  [
    "one byte of white space",
    (lines) => lines.with(4, `${lines[4]} `.replace("} ", " }")),
    ["a:5: error: was changed: it has no hash any more, or another than the next line says"],
  ],
  [
    "a changed line before the last one",
    (lines) => lines.with(8, (lines[8] ?? "").replace("line 9", "line 8")),
    ["a:9: error: was changed, or the hash of it in line 10 of a"],
  ],
  [
    "a changed hash",
    (lines) => lines.with(4, (lines[4] ?? "").replace(/"previous":"./, '"previous":"x')),
    ["a:5: error: was changed: it has no hash any more, or another than the next line says"],
  ],
  [
    "a line that has lost its hash",
    (lines) => lines.with(4, '{"what":"line 5"}'),
    ["a:5: error: was changed: it has no hash any more, or another than the next line says"],
  ],
  [
    "a changed number",
    (lines) => lines.with(4, (lines[4] ?? "").replace('"seq":5', '"seq":7')),
    [
      "a:5: error: has the number 7, and follows number 4: it was changed or added",
      "a:5: error: was changed: the next line has another hash of it",
    ],
  ],
  [
    "a line before one that was cut off, removed",
    (lines) => behindTorn(lines).toSpliced(4, 1),
    ["a:5: error: line number 5 is missing before this one"],
  ],
  [
    "a removed line",
    (lines) => lines.toSpliced(4, 1),
    ["a:5: error: line number 5 is missing before this one"],
  ],
  [
    "three removed lines",
    (lines) => lines.toSpliced(4, 3),
    ["a:5: error: lines number 5 to 7 are missing before this one"],
  ],
  [
    "two swapped lines",
    (lines) => lines.toSpliced(4, 2, lines[5] ?? "", lines[4] ?? ""),
    ["a:5: error: number 6 comes before number 5: it was moved, is a copy, or was added"],
  ],
  [
    "a line that was moved to the end",
    (lines) => [...lines.toSpliced(4, 1), lines[4] ?? ""],
    ["a:10: error: number 5 comes after number 10: it was moved, or lines before it were"],
  ],
  [
    "a line that was moved to the front",
    (lines) => lines.toSpliced(7, 1).toSpliced(2, 0, lines[7] ?? ""),
    ["a:3: error: number 8 comes before number 3: it was moved, is a copy, or was added"],
  ],
  [
    "a copy of a later line",
    (lines) => lines.toSpliced(2, 0, lines[7] ?? ""),
    ["a:3: error: number 8 comes before number 3: it was moved, is a copy, or was added"],
  ],
  [
    "two lines far apart that were swapped",
    (lines) => lines.with(1, lines[7] ?? "").with(7, lines[1] ?? ""),
    [
      "a:2: error: number 8 comes before number 3: it was moved, is a copy, or was added",
      "a:8: error: number 2 comes after number 7: it was moved, or lines before it were",
    ],
  ],
  [
    "a line that is there twice",
    (lines) => lines.toSpliced(5, 0, lines[4] ?? ""),
    ["a:6: error: number 5 comes after number 5: it is a copy, or was added"],
  ],
  [
    "an inserted line without a hash",
    (lines) => lines.toSpliced(5, 0, NONE),
    ["a:6: error: was added: the chain leads past it"],
  ],
  [
    "an inserted line with the right hash",
    (lines) => lines.toSpliced(5, 0, forge(NONE, 5)),
    [
      "a:6: error: was changed: the next line has another hash of it",
      "a:7: error: number 6 comes after number 6: it is a copy, or was added",
    ],
  ],
  [
    "an inserted line with a number far ahead",
    (lines) => lines.toSpliced(5, 0, forge(NONE, 5).replace('"seq":6', '"seq":900')),
    [
      "a:6: error: has the number 900, and follows number 5: it was changed or added",
      "a:6: error: was changed: the next line has another hash of it",
      "a:7: error: number 6 comes after number 6: it is a copy, or was added",
    ],
  ],
  ["an empty line", (lines) => lines.toSpliced(5, 0, ""), [
    "a:6: error: was added: the chain leads past it",
  ]],
  [
    "lines without hashes at the end",
    (lines) => [...lines, NONE, NONE],
    [`a:11: error: ${WITHOUT_HASH}`, `a:12: error: ${WITHOUT_HASH}`],
  ],
  [
    "a line in the place of the first one",
    (lines) => lines.with(0, NONE),
    [`a:1: error: ${WITHOUT_HASH}; line number 2 follows`],
  ],
  [
    "a chain that begins again",
    (lines) => [...lines.slice(0, 5), forge(NONE, 0)],
    ["a:6: error: a new chain begins here: whether lines are missing before it is not known"],
  ],
  [
    "a chain that begins again with the right hash",
    (lines) => [...lines.slice(0, 5), forge(NONE, 5).replace('"seq":6', '"seq":1')],
    ["a:6: error: a new chain begins here: whether lines are missing before it is not known"],
  ],
  [
    "a line of two changed, so that only the second one keeps its number",
    (lines) => lines.with(3, NONE).with(4, (lines[4] ?? "").replace("line 5", "line 0")),
    [
      "a:4: error: was changed: it has no hash any more, or another than the next line says",
      "a:5: error: was changed: the next line has another hash of it",
    ],
  ],
];

for (const [what, change, expected] of tampered) {
  Deno.test(`checkAuditFiles() finds ${what}`, async () => {
    const { problems } = await check({ a: change(LINES) });
    assert.deepEqual(problems, expected);
  });
}

Deno.test("checkAuditFiles() finds what was done across files", async () => {
  const [a, b] = [LINES.slice(0, 5), LINES.slice(5)];
  assert.deepEqual((await check({ a, b })).problems, []);
  assert.deepEqual((await check({ a: a.slice(0, -1), b })).problems, [
    "b:1: error: line number 5 is missing before this one",
  ]);
  assert.deepEqual(
    (await check({ a: a.with(4, a[4]?.replace("line 5", "x") ?? ""), b })).problems,
    [
      "a:5: error: was changed: the next line has another hash of it",
    ],
  );
  assert.deepEqual((await check({ b, a })).problems, [
    "a:1: error: a new chain begins here: whether lines are missing before it is not known " +
    "(or the files are not named in their order, oldest first)",
  ]);
});

Deno.test("checkAuditFiles() finds a changed byte wherever it is", async () => {
  const bytes = LINES.slice(0, 4).join("\n");
  for (let at = 0; at < bytes.length - (LINES[3]?.length ?? 0) - 1; at++) {
    const changed = `${bytes.slice(0, at)}${bytes[at] === "7" ? "8" : "7"}${bytes.slice(at + 1)}`;
    const { problems } = await check({ a: changed.split("\n") });
    assert.ok(problems.some((problem) => problem.includes(": error: ")), `${at}: ${changed}`);
  }
});

Deno.test("checkAuditFiles() cannot see a cut end by itself, but by a hash that was kept", async () => {
  const hashes = [LINKED.heads[9]?.hash ?? ""];
  const cut = LINES.slice(0, 8);
  assert.deepEqual(await check({ a: LINES }, { hashes }), {
    problems: [],
    chain: { first: 1, head: { seq: 10, hash: hashes[0] } },
  });
  assert.deepEqual((await check({ a: cut })).problems, []);
  const problem =
    "--audit-hash: error: lines are missing or were changed, since none has the hash ";
  assert.deepEqual((await check({ a: cut }, { hashes })).problems, [problem + hashes[0]]);
  const rewritten = new TextDecoder().decode(linkLines(TEXT.replace("10", "11"), NO_LINE).bytes);
  const lines = rewritten.split("\n").slice(0, -1);
  assert.deepEqual((await check({ a: lines })).problems, []);
  assert.deepEqual((await check({ a: lines }, { hashes })).problems, [problem + hashes[0]]);
});

Deno.test("checkAuditFiles() reports a file without a chain only where there should be one", async () => {
  const a = TEXT.trimEnd().split("\n");
  assert.deepEqual(await check({ a }), {
    problems: [],
    chain: { first: null, head: { seq: 0, hash: null } },
  });
  assert.deepEqual((await check({ a }, { needsChain: true })).problems, [
    "a: error: no line has the hash of the one before, although LMCP_HUB_AUDIT_CHAIN is 1",
  ]);
});

Deno.test("checkAuditFiles() lists a thousand problems, and counts the rest", async () => {
  const a = [...LINES, ...Array.from({ length: 3_000 }, () => LINES[3] ?? "")];
  const { problems } = await check({ a });
  assert.equal(problems.length, 1_001);
  assert.equal(problems.at(-1), "a: error: there are 2000 more lines with such problems");
  const loose = await check({ a: [...LINES, ...Array.from({ length: 3_000 }, () => NONE)] });
  assert.equal(loose.problems.length, 1_001);
});

Deno.test("readLink() reads no text of a caller as a link", () => {
  const forged = `,"seq":1,"previous":null}`;
  for (const line of [{ a: forged }, { a: { b: forged } }, [forged]]) {
    assert.equal(readLink(new TextEncoder().encode(JSON.stringify(line))), null);
  }
  assert.deepEqual(readLink(new TextEncoder().encode(`{"a":1${forged}`)), {
    seq: 1,
    previous: null,
  });
});
