import assert from "node:assert/strict";
import { readLongJson } from "../../../lib/mcp/json/read_long.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const options = {
  decode: (bytes: Uint8Array) => decoder.decode(bytes),
  pause: () => Promise.resolve(),
};

function read(json: string | Uint8Array) {
  const bytes = typeof json === "string" ? new TextEncoder().encode(json) : json;
  return readLongJson(bytes, options);
}

/** Longer than what is read as a whole. */
const FILL = "x".repeat(70_000);

const TEXTS: readonly (readonly [string, string])[] = [
  ["no escapes", FILL],
  ["every escape", '"\\/\b\f\n\r\t'.repeat(20_000)],
  ["controls", "\u0000\u0001\u001f\u007f".repeat(20_000)],
  ["backslashes", "\\".repeat(100_001)],
  ["quotes", '"'.repeat(100_001)],
  ["characters of several bytes", "a\u00fc\u20ac\u{1f600}".repeat(20_001)],
  ["byte order marks", "\ufeff".repeat(30_001)],
  ["line separators", "\u2028\u2029".repeat(20_001)],
  ["halves of surrogate pairs", `${"\u{1f600}a\ud83d\u00fc\ude00\u20ac".repeat(10_000)}\ud83d`],
];

for (const [what, text] of TEXTS) {
  const value = { a: [text, { b: `${text}!`, c: 1 }], d: "short", e: null };
  Deno.test(`readLongJson() reads ${what} as JSON.parse() does`, async () => {
    const json = JSON.stringify(value, null, 1);
    assert.deepEqual(await read(json), { value });
    assert.deepEqual(await read(escapeAll(json)), { value });
  });
}

/** As other programs write it: all but ASCII is escaped, in capitals. */
function escapeAll(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`,
  );
}

Deno.test("readLongJson() reads what has no long string, and keys that are long", async () => {
  for (
    const value of [
      {},
      [],
      "short",
      FILL,
      12,
      { [FILL]: 1, [`${FILL}"\n`]: FILL },
      Array(10_000).fill({ key: "value", other: ["\\", '"'] }),
      [FILL, FILL, FILL],
    ]
  ) assert.deepEqual(await read(JSON.stringify(value)), { value });
});

Deno.test("readLongJson() reads a slash that is escaped, and blanks behind a long key", async () => {
  const slashes = "\\/".repeat(50_000);
  assert.deepEqual(await read(`["${slashes}"]`), { value: ["/".repeat(50_000)] });
  assert.deepEqual(await read(`{"${FILL}" \t\r\n: "${FILL}" \n}`), { value: { [FILL]: FILL } });
});

Deno.test("readLongJson() keeps a member named __proto__ as JSON.parse() does", async () => {
  const json = `{"__proto__":"${FILL}","b":{"__proto__":{"c":"${FILL}"}}}`;
  assert.deepEqual(await read(json), { value: JSON.parse(json) });
});

Deno.test("readLongJson() takes a byte order mark in front for none", async () => {
  assert.deepEqual(await read(`\ufeff["${FILL}"]`), { value: [FILL] });
});

const BAD = [
  `["${FILL}`,
  `["${FILL}\\`,
  `["${FILL}\\"]`,
  `["${FILL}"`,
  `["${FILL}\\x"]`,
  `["${FILL}\\u12"]`,
  `["${FILL}\\u12g4"]`,
  `["${FILL}\n"]`,
  `["${FILL}\u0000"]`,
  `["${FILL}""]`,
  `{"${FILL}"}`,
  `["${FILL}"],`,
  `["short]${" ".repeat(100)}`,
  "",
];

for (const json of BAD) {
  const shown = json.replace(FILL, "...");
  Deno.test(`readLongJson() throws a SyntaxError on ${JSON.stringify(shown)}`, async () => {
    assert.throws(() => JSON.parse(json), SyntaxError);
    await assert.rejects(() => read(json), SyntaxError);
  });
}

Deno.test("readLongJson() says which bound is exceeded", async () => {
  const deep = `["${FILL}",${"[".repeat(2_000)}${"]".repeat(2_000)}]`;
  assert.deepEqual(await read(deep), { excess: "1000 levels" });
});

Deno.test("readLongJson() passes on what is thrown for bytes that are no UTF-8", async () => {
  const strict = new TextDecoder("utf-8", { fatal: true });
  const bytes = new TextEncoder().encode(`["${FILL}"]`).with(100, 0xff);
  const decode = (part: Uint8Array) => strict.decode(part);
  await assert.rejects(() => readLongJson(bytes, { ...options, decode }), TypeError);
});

Deno.test("readLongJson() pauses while it reads a long string", async () => {
  for (const text of ["x".repeat(5_000_000), "\ud83d".repeat(1_000_000)]) {
    let pauses = 0;
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    await readLongJson(new TextEncoder().encode(JSON.stringify([text])), { ...options, pause });
    assert.ok(pauses > 70, `${pauses}`);
  }
});

Deno.test("readLongJson() ends where its bytes are gone", async () => {
  const buffer = new ArrayBuffer(0, { maxByteLength: 1_000_000 });
  buffer.resize(1_000_000);
  const bytes = new Uint8Array(buffer);
  bytes.set(new TextEncoder().encode(JSON.stringify(["x".repeat(900_000)])));
  let pauses = 0;
  const pause = () => {
    if (++pauses === 5) buffer.resize(0);
    return Promise.resolve();
  };
  await assert.rejects(() => readLongJson(bytes, { ...options, pause }), SyntaxError);
});
