import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { OutputCapture } from "../../lib/shell/output.ts";
import { OutputRing, type OutputStream } from "../../lib/shell/ring.ts";

const encoder = new TextEncoder();

interface Chunk {
  readonly stream: OutputStream;
  readonly text: string;
}

function capture(limits: { headBytes: number; tailBytes: number }, chunks: readonly Chunk[]) {
  const output = new OutputCapture(limits);
  for (const { stream, text } of chunks) output.write(stream, encoder.encode(text));
  return output;
}

/** The same by the simplest means: a list of all bytes, cut at the end. */
function model(limits: { headBytes: number; tailBytes: number }, chunks: readonly Chunk[]) {
  const all = chunks.flatMap(({ stream, text }) => [...text].map((char) => ({ stream, char })));
  const head = all.slice(0, limits.headBytes);
  const rest = all.slice(limits.headBytes);
  const tail = limits.tailBytes === 0 ? [] : rest.slice(-limits.tailBytes);
  const dropped = rest.slice(0, rest.length - tail.length);
  const join = (bytes: typeof all) => bytes.map((byte) => byte.char).join("");
  const withGap = (of: (bytes: typeof all) => typeof all) => {
    const missing = of(dropped).length;
    const gap = missing === 0 ? "" : `\n[... ${missing} bytes are missing here ...]\n`;
    return join(of(head)) + gap + join(of(tail));
  };
  return {
    text: withGap((bytes) => bytes),
    stdout: withGap((bytes) => bytes.filter((byte) => byte.stream === "stdout")),
    stderr: withGap((bytes) => bytes.filter((byte) => byte.stream === "stderr")),
    truncated: dropped.length > 0,
  };
}

/** Numbers that look random and are the same each time (a linear congruential generator). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
}

Deno.test("OutputCapture agrees with a simple model, whatever the chunks", () => {
  const random = createRandom(1);
  for (let round = 0; round < 500; round++) {
    const limits = { headBytes: random(20), tailBytes: random(20) };
    const chunks = Array.from({ length: random(12) }, (): Chunk => ({
      stream: random(2) === 0 ? "stdout" : "stderr",
      text: Array.from({ length: random(15) }, () => String.fromCharCode(97 + random(26))).join(""),
    }));
    const shown = JSON.stringify({ limits, chunks });
    assert.deepEqual(capture(limits, chunks).text(), model(limits, chunks), shown);
  }
});

Deno.test("OutputCapture keeps the order of arrival over many small chunks", () => {
  const limits = { headBytes: 100, tailBytes: 5_000 };
  const chunks = Array.from({ length: 20_000 }, (_, index): Chunk => ({
    stream: index % 2 === 0 ? "stdout" : "stderr",
    text: String(index % 10),
  }));
  assert.deepEqual(capture(limits, chunks).text(), model(limits, chunks));
});

Deno.test("OutputCapture joins a character that came in two chunks, with another stream between", () => {
  const output = new OutputCapture({ headBytes: 100, tailBytes: 0 });
  const [first, ...rest] = encoder.encode("é");
  output.write("stdout", new Uint8Array([first ?? 0]));
  output.write("stderr", encoder.encode("!"));
  output.write("stdout", new Uint8Array(rest));
  assert.deepEqual(output.text(), { text: "!é", stdout: "é", stderr: "!", truncated: false });
});

Deno.test("OutputCapture shows no half characters at the gap", () => {
  for (let headBytes = 0; headBytes < 8; headBytes++) {
    for (let tailBytes = 0; tailBytes < 8; tailBytes++) {
      const { stdout } = capture({ headBytes, tailBytes }, [
        { stream: "stdout", text: "€€€€€€€€" },
      ]).text();
      const missing = 24 - headBytes - tailBytes;
      const [head, tail] = ["€".repeat(headBytes / 3), "€".repeat(tailBytes / 3)];
      assert.equal(stdout, `${head}\n[... ${missing} bytes are missing here ...]\n${tail}`);
    }
  }
});

Deno.test("OutputCapture keeps a byte order mark and marks what is not UTF-8", () => {
  const output = new OutputCapture({ headBytes: 100, tailBytes: 0 });
  output.write("stdout", encoder.encode("\ufeffa"));
  output.write("stdout", new Uint8Array([0xff, 0x62, 0xe2, 0x82]));
  assert.equal(output.text().stdout, "\ufeffa\ufffdb\ufffd");
});

Deno.test("OutputCapture has a checksum of all bytes of a stream, also of those that it dropped", () => {
  const output = new OutputCapture({ headBytes: 1, tailBytes: 1 });
  const bytes = new Uint8Array([1, 2, 3, 4, 5]);
  output.write("stdout", bytes.subarray(0, 2));
  output.write("stderr", new Uint8Array([9]));
  output.write("stdout", bytes.subarray(2));
  assert.equal(output.checksum("stdout"), crc32(bytes));
  assert.equal(output.checksum("stderr"), crc32(new Uint8Array([9])));
});

Deno.test("OutputCapture returns the bytes of one stream as they were", () => {
  const output = new OutputCapture({ headBytes: 2, tailBytes: 10 });
  output.write("stdout", new Uint8Array([0xff, 0xfe, 0xfd]));
  output.write("stderr", new Uint8Array([1]));
  output.write("stdout", new Uint8Array([0]));
  assert.deepEqual(output.bytes("stdout"), new Uint8Array([0xff, 0xfe, 0xfd, 0]));
  assert.deepEqual(output.bytes("stderr"), new Uint8Array([1]));
});

Deno.test("OutputCapture copies what it keeps", () => {
  const output = new OutputCapture({ headBytes: 10, tailBytes: 0 });
  const chunk = encoder.encode("abc");
  output.write("stdout", chunk);
  chunk.fill(0);
  assert.equal(output.text().stdout, "abc");
});

Deno.test("OutputRing stays within its capacity", () => {
  const ring = new OutputRing(1000);
  for (let round = 0; round < 10_000; round++) {
    ring.push(round % 3 === 0 ? "stderr" : "stdout", new Uint8Array(round % 1500));
    const kept = [...ring.parts()].reduce((sum, part) => sum + part.bytes.length, 0);
    assert.ok(kept <= 1000);
    assert.equal(ring.room, 1000 - kept);
  }
  assert.equal([...ring.parts()].every((part) => part.bytes.buffer.byteLength <= 1000), true);
});
