import assert from "node:assert/strict";
import { createTurns } from "../../lib/base/time/turns.ts";
import { readOutput, type Wanted } from "../../lib/outputs/read.ts";
import { PatternError, searchLines } from "../../lib/outputs/search.ts";

const LINES = Array.from({ length: 20_000 }, (_, index) => `${index}: größe 😀 ${index % 1_000}\n`)
  .join("");

function read(text: string, wanted: Partial<Wanted> = {}) {
  const bytes = new TextEncoder().encode(text);
  const { signal } = new AbortController();
  const turns = createTurns(5);
  return readOutput(bytes, { id: "o-abc", maxChars: 1_000, turns, signal, ...wanted });
}

Deno.test("readOutput() returns a short answer as it was", async () => {
  assert.deepEqual(await read("[rc=0]\nhi\n"), {
    text: "[rc=0]\nhi\n",
    offset: 0,
    next: null,
    size: 10,
  });
});

Deno.test("readOutput() cuts a long answer as the call itself did", async () => {
  const { text, next } = await read(LINES);
  assert.match(
    text,
    new RegExp(`\\[[\\d,]+ lines \\(.*\\) left out: remote_output id="o-abc" offset=${next}\\]\n`),
  );
  assert.ok(text.length < 1_100);
});

for (const maxChars of [403, 997, 30_000, 0]) {
  Deno.test(`pieces of ${maxChars} characters make the whole, byte for byte`, async () => {
    const parts: string[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const reading = await read(LINES, { offset: next, maxChars });
      const end = reading.text.lastIndexOf("\n[bytes ") + 1;
      const part = reading.text.slice(0, end);
      assert.ok(maxChars === 0 || part.length <= maxChars);
      parts.push(part);
      next = reading.next;
    }
    assert.equal(parts.join(""), LINES);
  });
}

Deno.test("a piece names its place, and how to go on", async () => {
  const first = await read("12345\n".repeat(100), { offset: 0, maxChars: 120 });
  assert.equal(
    first.text,
    `${"12345\n".repeat(20)}[bytes 0 to 120 of 600: remote_output id="o-abc" offset=120]`,
  );
  const last = await read("12345\n".repeat(100), { offset: 594 });
  assert.equal(last.text, "12345\n[bytes 594 to 600 of 600: the end]");
  const beyond = await read("12345\n", { offset: 7_000 });
  assert.equal(beyond.text, "[bytes 6 to 6 of 6: the end]");
});

Deno.test("a piece that begins within a character begins with the next one", async () => {
  const { text, offset } = await read("😀a", { offset: 1 });
  assert.deepEqual([text, offset], ["a\n[bytes 4 to 5 of 5: the end]", 4]);
});

for (
  const [tail, text, expected] of [
    [2, "a\nb\nc\n", "b\nc\n"],
    [2, "a\nb\nc", "b\nc"],
    [1, "a\n\n", "\n"],
    [9, "a\nb", "a\nb"],
    [1, "", ""],
    [1, "\n", "\n"],
    [1, "one", "one"],
  ] as const
) {
  Deno.test(`the last ${tail} of ${JSON.stringify(text)} are ${JSON.stringify(expected)}`, async () => {
    assert.equal((await read(text, { tail })).text, expected);
  });
}

Deno.test("the last lines are cut at their beginning", async () => {
  const { text } = await read(LINES, { tail: 10_000 });
  assert.match(
    text,
    /^\[the beginning of these lines is left out: remote_output id="o-abc" offset=\d+\]\n/,
  );
  assert.ok(LINES.endsWith(text.slice(text.indexOf("\n") + 1)));
  assert.ok(text.length < 1_100);
});

Deno.test("lines that match are numbered, with those around them", async () => {
  const text = "a\nb\nERROR 1\nc\nd\ne\nf\nERROR 2\n";
  assert.equal(
    (await read(text, { grep: "ERROR" })).text,
    "3:ERROR 1\n8:ERROR 2\n[2 matching lines]",
  );
  assert.equal(
    (await read(text, { grep: "ERROR \\d", context: 1 })).text,
    "2-b\n3:ERROR 1\n4-c\n--\n7-f\n8:ERROR 2\n[2 matching lines]",
  );
  assert.equal(
    (await read(text, { grep: "^f$|2$", tail: 2 })).text,
    "7:f\n8:ERROR 2\n[2 matching lines]",
  );
  assert.equal((await read(text, { grep: "nothing" })).text, "[0 matching lines]");
});

Deno.test("matches of adjacent lines share what is around them", async () => {
  const { text } = await read("1\n2\n3\n4\n5\n", { grep: "[24]", context: 1 });
  assert.equal(text, "1-1\n2:2\n3-3\n4:4\n5-5\n[2 matching lines]");
});

Deno.test("a search that finds more than fits goes on where it ended", async () => {
  const found: string[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const { text, next }: { text: string; next: number | null } = await read(LINES, {
      grep: " 7$",
      offset,
      maxChars: 200,
    });
    assert.ok(text.length < 300);
    found.push(...text.split("\n").filter((line) => !line.startsWith("[")));
    if (next !== null) {
      assert.match(text, new RegExp(`so far: the same with offset=${next} goes on\\]$`));
    }
    offset = next ?? undefined;
  }
  const expected = Array.from({ length: 20 }, (_, index) => index * 1_000 + 7);
  assert.deepEqual(found, expected.map((line) => `${line + 1}:${line}: größe 😀 7`));
});

Deno.test("a pattern that makes other engines hang does not", async () => {
  const { text } = await read(`${"a".repeat(5_000)}b\n`, { grep: "^(a+)+$" });
  assert.equal(text, "[0 matching lines]");
});

Deno.test("a pattern that cannot be parsed is refused", async () => {
  await assert.rejects(read("a", { grep: "(a" }), PatternError);
  await assert.rejects(read("a", { grep: "(a)\\1" }), PatternError);
});

Deno.test("a search ends when nobody waits for it any more", async () => {
  const aborting = new AbortController();
  const reading = read("x\n".repeat(2_000_000), { grep: "y", signal: aborting.signal });
  aborting.abort(new Error("left"));
  await assert.rejects(reading, /left/);
});

Deno.test("a pattern that repeats so much that each line would take long is refused", async () => {
  const grep = "\\pL{300}\\pN{300}";
  await assert.rejects(read("a", { grep }), { name: "PatternError", message: /repeats too much/ });
});

Deno.test("a long line is searched as a whole, and shown where it matches", async () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `größe${index}`);
  const text = `one\n${words.join(" ")}\nthree größe7\n`;
  const word = "größe15000";
  const { text: found } = await read(text, { grep: `${word}\\b`, maxChars: 30_000 });
  const shown = /^2:\[byte (\d+)\] (.*)\n\[1 matching line\]$/.exec(found);
  assert.ok(shown !== null, found);
  const [, offset, part = ""] = shown;
  assert.ok(part.includes(word) && part.length < 2_100);
  const piece = await read(text, { offset: Number(offset), maxChars: 5_000 });
  assert.ok(piece.text.startsWith(part.slice(0, 1_500)));
  const anchored = await read(text, { grep: "^größe|7$", context: 1, maxChars: 30_000 });
  assert.match(anchored.text, /^1-one\n2:\[byte 4\] größe0 .*\n3:three größe7\n\[2 matching/);
});

Deno.test("what lies where two parts of a long line meet is found", async () => {
  for (let before = 3_000; before < 5_000; before += 100) {
    const text = `${"é".repeat(before / 2)}needle${"x".repeat(5_000)}\n`;
    assert.match((await read(text, { grep: "needle" })).text, /\n?\[1 matching line/);
  }
});

Deno.test("a search of a long line goes on where it ended", async () => {
  const text = `${"needle ".repeat(10_000)}\n`;
  let calls = 0;
  let last = -1;
  for (let next: number | null = 0; next !== null; calls++) {
    assert.ok(next > last, `${next} after ${last}`);
    last = next;
    next = (await read(text, { grep: "needle", offset: next, maxChars: 9_000 })).next;
  }
  assert.ok(calls > 2 && calls < 15, String(calls));
});

Deno.test("a match that does not fit is shown without what is around it, and ends with …", async () => {
  const text = `${"a".repeat(900)}\n😀${"b".repeat(2_000)}\n`;
  const { text: found } = await read(text, { grep: "b", context: 1 });
  assert.match(found, /^2:😀b{990,}…\n\[1 matching line\]$/);
  assert.ok(found.length < 1_050);
});

Deno.test("a search of the last lines that does not fit says how to go on", async () => {
  const { text, next } = await read(LINES, { grep: "größe", tail: 10_000 });
  assert.match(
    text,
    new RegExp(`so far: the same with offset=${next}, without tail, goes on\\]$`),
  );
});

Deno.test("a line that ends with CR and LF ends where a pattern says so", async () => {
  assert.equal((await read("a\r\nb\r\n", { grep: "b$" })).text, "2:b\n[1 matching line]");
});

Deno.test("a search can leave other work its turn within a line", async () => {
  let turns = 0;
  const reading = read("x".repeat(100_000), {
    grep: "y",
    turns: { isOver: () => true, next: () => Promise.resolve(void turns++) },
  });
  assert.equal((await reading).text, "[0 matching lines]");
  assert.ok(turns > 50, String(turns));
});

Deno.test("a search that takes too long ends, and says how to go on", async () => {
  let turns = 0;
  const reading = read("x\n".repeat(10_000), {
    grep: "y",
    turns: { isOver: () => true, next: () => Promise.resolve(void turns++) },
  });
  const { text, next } = await reading;
  assert.equal(text, `[0 matching lines so far: the same with offset=${next} goes on]`);
  assert.equal(turns, 501);
});

for (const [text, count] of [["😀😀", 2], ["é😀a", 3]] as const) {
  Deno.test(`each piece of ${text} holds a character, however short it is to be`, async () => {
    let pieces = 0;
    for (let next: number | null = 0; next !== null; pieces++) {
      assert.ok(pieces < count);
      next = (await read(text, { offset: next, maxChars: 1 })).next;
    }
    assert.equal(pieces, count);
  });
}

function searchPart(bytes: Uint8Array, from: number) {
  return searchLines(bytes, {
    pattern: "needle",
    context: 0,
    maxChars: 30_000,
    turns: createTurns(5),
    signal: AbortSignal.timeout(5_000),
    from,
    part: { offset: 1_000_000, to: bytes.length },
  });
}

Deno.test("searchLines() searches also what is no text", async () => {
  const bytes = new Uint8Array(20_000).fill(0x80);
  bytes.set(new TextEncoder().encode("needle"), 15_000);
  assert.equal((await searchPart(bytes, 0)).matches, 1);
});

Deno.test("searchLines() searches a line from the place on where it is to begin", async () => {
  for (const after of ["", "x".repeat(10_000)]) {
    const bytes = new TextEncoder().encode(`${"-".repeat(5_000)}needle${after}\n`);
    const found = await searchPart(bytes, 5_000);
    assert.match(found.text, /^1005000:(\[byte 1005000\] )?needle/);
  }
});
