import assert from "node:assert/strict";
import { Failure } from "../../../lib/work/failure.ts";
import { applyEdits, type Edit } from "../../../lib/work/edit/apply.ts";
import { unifiedDifference } from "../../../lib/work/edit/difference.ts";
import { assertCheap } from "../../assert_cheap.ts";

const MIB = 1024 * 1024;
/** Many times what it takes, and far less than a stall. */
const MAX_MS = 5_000;
const LINE = "some line of text that is long enough 0123456789\n";

const pause = () => Promise.resolve();

async function refusal(text: string, ...edits: readonly Edit[]): Promise<string> {
  try {
    await applyEdits(text, edits, pause);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return "none";
}

function edit(old_string: string, new_string = "new"): Edit {
  return { old_string, new_string };
}

Deno.test("applyEdits() pauses before each edit, and counts all replacements", async () => {
  let pauses = 0;
  const edits = [edit("a", "b"), { old_string: "b", new_string: "c", replace_all: true }];
  const edited = await applyEdits("a b b", edits, () => {
    pauses++;
    return Promise.resolve();
  });
  assert.deepEqual([edited, pauses], [{ text: "c c c", replacements: 4 }, 2]);
});

const REFUSALS: readonly (readonly [what: string, edits: readonly Edit[], reason: RegExp])[] = [
  ["an empty text", [edit("")], /^old_string is empty$/],
  ["the same text", [edit("a", "a")], /^old_string and new_string are the same$/],
  ["what is not there", [edit("xyz")], /^old_string does not occur in it; read the file/],
  ["what is there twice", [edit("a")], /^old_string occurs 2 times in it; .*\n1: a b a$/],
  ["edits that undo each other", [edit("b", "c"), edit("c", "b")], /change nothing together$/],
  [
    "what an edit before has removed",
    [edit("b", "c"), edit("b", "d")],
    /^edit 2 of 2, so none was made: old_string does not occur/,
  ],
];

for (const [what, edits, reason] of REFUSALS) {
  Deno.test(`applyEdits() refuses ${what}`, async () => {
    assert.match(await refusal("a b a", ...edits), reason);
  });
}

const CONFIG = Array.from({ length: 300 }, (_, at) => `  key_${at} = "value ${at}"`).join("\n");

Deno.test("applyEdits() shows the lines that a text with a mistake was meant for", async () => {
  const shown = async (text: string) => (await refusal(CONFIG, edit(text))).split(". ").at(-1);
  assert.equal(
    await shown('key_123 = "valeu 123"'),
    'The nearest lines are:\n124:   key_123 = "value 123"',
  );
  assert.equal(
    await shown('    key_123 = "value 123"\n    key_124 =  "value 124"'),
    'Only white space differs here:\n124:   key_123 = "value 123"\n125:   key_124 = "value 124"',
  );
  assert.equal(
    await shown('key_7x = 1\n  key_200 = "value 200"'),
    'The nearest lines are:\n200:   key_199 = "value 199"\n201:   key_200 = "value 200"',
  );
  assert.equal(
    await shown('key_42="value 42"'),
    'Only white space differs here:\n43:   key_42 = "value 42"',
  );
  const lines = CONFIG.split("\n").slice(10, 30);
  assert.equal(
    await shown(lines.with(15, "  key_25 = 1").join("\n")),
    "The nearest lines are:\n" +
      [24, 25, 26, 27, 28].map((line) => `${line}: ${CONFIG.split("\n")[line - 1]}`).join("\n"),
  );
  assert.equal(
    await refusal(CONFIG, edit("nothing like it at all")),
    "old_string does not occur in it; read the file and copy the text exactly",
  );
});

Deno.test("applyEdits() shows no more than five lines of three places, and cuts long lines", async () => {
  const block = Array.from({ length: 20 }, (_, at) => `word${at} ${"y".repeat(300)}`).join("\n");
  const text = Array.from({ length: 10 }, () => `${block}\n\n`).join("");
  const lines = (await refusal(text, edit(block.replaceAll("word", "worb")))).split("\n").slice(1);
  assert.ok(lines.length > 0 && lines.length <= 15, String(lines.length));
  for (const line of lines) assert.ok(line.length < 220);
});

Deno.test("applyEdits() does not stall on 32 MiB, whatever is in them", async () => {
  const long = LINE.repeat(Math.floor(32 * MIB / LINE.length));
  const texts = [
    long,
    "abcdefghij".repeat(3.2 * MIB),
    "{}\n".repeat(10 * MIB),
    "a".repeat(32 * MIB),
  ];
  for (const text of texts) {
    for (const wanted of ["some lime of text\nthet is long", "defxghij abcd\n", "()\n[]"]) {
      await assertCheap(MAX_MS, async () => {
        assert.match(await refusal(text, edit(wanted)), /^old_string does not occur in it/);
      });
    }
  }
  const all = { old_string: "a", new_string: "b", replace_all: true };
  await assertCheap(MAX_MS, async () => {
    assert.match(await refusal(long, edit("some")), /^old_string occurs \d+ times/);
    assert.match(
      await refusal("a".repeat(32 * MIB), all),
      /^old_string occurs more than 1,000,000 /,
    );
    assert.match(await refusal(long, edit("5", "b".repeat(33 * MIB))), /^old_string occurs/);
  });
});

Deno.test("unifiedDifference() has at most 40 lines, and says when more differ", () => {
  const numbers = Array.from({ length: 1000 }, (_, at) => `line ${at}`);
  const differ = (step: number) =>
    numbers.map((line, at) => at % step === 0 ? `${line}!` : line).join("\n");
  for (const step of [1, 2, 7, 20]) {
    const lines = unifiedDifference(numbers.join("\n"), differ(step)).split("\n");
    assert.equal(lines.length, 40);
    assert.equal(lines.at(-1), "[more lines differ]");
    assert.match(lines[0] ?? "", /^@@ -1,\d+ \+1,\d+ @@$/);
  }
  assert.equal(
    unifiedDifference(numbers.join("\n"), differ(999)).split("\n").at(-1),
    "\\ No newline at end of file",
  );
});

Deno.test("unifiedDifference() shows how line ends differ, and where long lines do", () => {
  assert.equal(unifiedDifference("a\r\nb\r\n", "a\r\nb\n"), "@@ -1,2 +1,2 @@\n a^M\n-b^M\n+b");
  const long = "x".repeat(10_000);
  const lines = unifiedDifference(`${long}old${long}`, `${long}new${long}`).split("\n");
  assert.ok(
    lines.some((line) => /^-x+old/.test(line)) && lines.some((line) => /^\+x+new/.test(line)),
  );
  for (const line of lines) assert.ok(line.length <= 202);
});

Deno.test("unifiedDifference() does not stall on 32 MiB", async () => {
  const long = LINE.repeat(Math.floor(31 * MIB / LINE.length));
  const half = Math.floor(long.length / 2);
  const many = { old_string: "0123", new_string: "3210", replace_all: true };
  const edited = await applyEdits(long, [many], pause);
  const middle = `${long.slice(0, half)}\nnew\n${long.slice(half)}`;
  await assertCheap(MAX_MS, () => {
    assert.equal(unifiedDifference(long, edited.text).split("\n").length, 40);
    assert.match(unifiedDifference(long, middle), /\n\+new\n/);
    assert.match(unifiedDifference(middle, long), /\n-new\n/);
  });
});
