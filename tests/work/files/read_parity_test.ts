import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { sshTest } from "../../fleet/ssh/target.ts";
import { ODD_NAMES } from "../../tools/odd_names.ts";
import { type BothWays, openBothWays } from "../both_ways.ts";

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at + 1}\n`).join("");
const SHA256_OF_TEN = "e71d970d34a5003190f0bcebf4e79bee538969aab5d24eef5449177468562b35";

/** The answer that both ways gave. */
async function read(both: BothWays, args: JsonObject): Promise<JsonObject> {
  const { agent, ssh } = await both.call("remote_read_file", args);
  assert.deepEqual(ssh, agent);
  return agent;
}

function utf16(text: string, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let at = 0; at < text.length; at++) {
    view.setUint16(2 * at, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

sshTest("remote_read_file reads lines from an offset, and says where to go on", async (test) => {
  await using both = await openBothWays();
  const path = `${both.directory}/ten`;
  await Deno.writeTextFile(path, TEN);
  const size = TEN.length;
  const facts = `of ${size} bytes, sha256 ${SHA256_OF_TEN}`;
  const cases: readonly (readonly [JsonObject, text: string, next: number | null])[] = [
    [{ offset: 3, limit: 2 }, `line 3\nline 4\n[lines 3-4 ${facts}; next: offset=5]`, 5],
    [{ limit: 1 }, `line 1\n[line 1 ${facts}; next: offset=2]`, 2],
    [{ offset: 9, limit: 2 }, `line 9\nline 10\n[lines 9-10 ${facts}; the end]`, null],
    [{ offset: 9 }, `line 9\nline 10\n[lines 9-10 ${facts}; the end]`, null],
    [{ offset: -2 }, `line 9\nline 10\n[lines 9-10 ${facts}; the end]`, null],
    [{ offset: -2, limit: 1 }, `line 9\n[line 9 ${facts}; next: offset=10]`, 10],
    [{ offset: -20, limit: 1 }, `line 1\n[line 1 ${facts}; next: offset=2]`, 2],
    [{ offset: 11 }, `[no lines from 11 on ${facts}; the end]`, null],
    [{ offset: 99 }, `[no lines from 11 on ${facts}; the end]`, null],
    [{ offset: 0, limit: 1 }, `line 1\n[line 1 ${facts}; next: offset=2]`, 2],
  ];
  for (const [args, text, next] of cases) {
    await test.step(JSON.stringify(args), async () => {
      const answer = await read(both, { path, ...args });
      assert.equal(answer.text, text);
      assert.equal(Object(answer.details).next_offset, next);
    });
  }
});

sshTest("remote_read_file reads parts of what is no plain file of lines", async (test) => {
  await using both = await openBothWays();
  const { directory } = both;
  await Deno.writeTextFile(`${directory}/no end`, "a\nb");
  await Deno.writeTextFile(`${directory}/empty`, "");
  await Deno.writeFile(`${directory}/utf16`, utf16("\ufeffä\nb\nc\n", true));
  await Deno.writeFile(`${directory}/utf16be`, utf16("\ufeffä\nb\nc\n", false));
  await Deno.writeFile(`${directory}/latin1`, new Uint8Array([0x46, 0xfc, 0x72, 0x20, 0x0a]));
  await Deno.writeFile(`${directory}/gzip`, new Uint8Array([0x1f, 0x8b, 8, 0, 0xff, 0]));
  await new Deno.Command("mkfifo", { args: [`${directory}/fifo`] }).output();
  const cases: readonly (readonly [JsonObject, expected: RegExp])[] = [
    [{ path: "no end", offset: 2 }, /^b\n\[line 2 of 3 bytes, .*; the end\]$/],
    [{ path: "no end", offset: 3 }, /^\[no lines from 2 on of 3 bytes, .*; the end\]$/],
    [{ path: "no end", offset: -1 }, /^b\n\[line 2 of 3 bytes, .*; the end\]$/],
    [{ path: "empty", offset: 1 }, /^\[no lines from 1 on of 0 bytes, .*; the end\]$/],
    [{ path: "empty", offset: -5 }, /^\[no lines from 1 on of 0 bytes, .*; the end\]$/],
    [{ path: "utf16" }, /^ä\nb\nc\n\[the file is utf-16le\]$/],
    [{ path: "utf16", offset: 2, limit: 1 }, /^b\n\[line 2 of 14 .*; utf-16le; next: offset=3\]$/],
    [{ path: "utf16be", offset: -1 }, /^c\n\[line 3 of 14 bytes, .*; utf-16be; the end\]$/],
    [{ path: "latin1" }, /^Für \n\[the file is latin-1\]$/],
    [{ path: "latin1", limit: 1 }, /^Für \n\[line 1 of 5 bytes, .*; latin-1; the end\]$/],
    [{ path: "/proc/version", limit: 1 }, /^Linux version .*\n\[line 1 of \d+ .*; the end\]$/],
    [{ path: "/proc/version", offset: -1 }, /^Linux version .*\n\[line 1 of \d+ .*; the end\]$/],
  ];
  for (const [args, expected] of cases) {
    await test.step(JSON.stringify(args), async () => {
      assert.match(String((await read(both, args)).text), expected);
    });
  }
  const gzip =
    /it is not text but gzip data \(6 bytes, sha256 [0-9a-f]{64}\); use encoding "base64"/;
  const faults: readonly (readonly [JsonObject, expected: RegExp])[] = [
    [{ path: "gzip" }, gzip],
    [{ path: "gzip", limit: 1 }, gzip],
    [{ path: "fifo", offset: -1 }, /it is not a regular file; use shell$/],
    [{ path: "fifo", follow: 600 }, /it is not a regular file; use shell$/],
    [{ path: "fifo", encoding: "base64" }, /it is not a regular file; use shell$/],
    [{ path: "/dev/zero", limit: 1 }, /it is not a regular file; use shell$/],
    [{ path: "/dev/zero", encoding: "base64" }, /it is not a regular file; use shell$/],
    [{ path: ".", limit: 1 }, /it is a directory; use list_dir$/],
    [{ path: ".", follow: 600 }, /it is a directory; use list_dir$/],
    [{ path: "none", offset: 1 }, /no such file or directory$/],
    [{ path: "/proc/kmsg", follow: 600 }, /; use shell$/],
    [{ path: "/proc/1/environ", encoding: "base64" }, /^cannot read/],
    [{ path: "~root/x", offset: 1 }, /only ~ and ~\/ are expanded/],
    [{ path: "no end", encoding: "base64", offset: 2 }, /leave out offset, limit, follow$/],
  ];
  for (const [args, expected] of faults) {
    await test.step(`${JSON.stringify(args)} fails`, async () => {
      const answer = await read(both, args);
      assert.match(String(answer.error), expected);
      assert.equal(answer.outcome, "failed");
    });
  }
});

sshTest("remote_read_file reads parts of files with any name", async () => {
  await using both = await openBothWays();
  await Promise.all([...ODD_NAMES, "n".repeat(255)].map(async (name) => {
    await Deno.writeTextFile(`${both.directory}/${name}`, `a\ncontent of ${name}`);
    const path = name === "~" ? "./~" : name;
    const { text } = await read(both, { path, offset: 2 });
    assert.ok(String(text).startsWith(`content of ${name}\n[`), String(text));
    const { text: base64 } = await read(both, { path, encoding: "base64" });
    const bytes = Uint8Array.fromBase64(String(base64));
    assert.equal(new TextDecoder().decode(bytes), `a\ncontent of ${name}`);
  }));
});

sshTest("remote_read_file reads any bytes in base64", async () => {
  await using both = await openBothWays();
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
  await Deno.writeFile(`${both.directory}/bytes`, bytes);
  const answer = await read(both, { path: "bytes", encoding: "base64" });
  assert.deepEqual(Uint8Array.fromBase64(String(answer.text)), bytes);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assert.deepEqual(answer.details, { bytes: 100_000, sha256: hash, encoding: "base64" });
});

sshTest("remote_read_file reads lines of a file that is larger than 32 MiB", async () => {
  await using both = await openBothWays();
  const path = `${both.directory}/huge`;
  await Deno.writeTextFile(path, "first\n");
  using file = await Deno.open(path, { append: true });
  const lines = new TextEncoder().encode(`${"x".repeat(99)}\n`.repeat(10_000));
  for (let count = 0; count < 40; count++) await file.write(lines);
  await file.write(new TextEncoder().encode("the end\n"));
  const size = (await Deno.stat(path)).size;
  const first = await read(both, { path, limit: 1 });
  assert.equal(first.text, `first\n[line 1 of ${size} bytes; next: offset=2]`);
  const last = await read(both, { path, offset: -1 });
  assert.equal(last.text, `the end\n[line 400002 of ${size} bytes; the end]`);
  const middle = await read(both, { path, offset: 400_001, limit: 1 });
  assert.match(String(middle.text), /^x{99}\n\[line 400001 of \d+ bytes; next: offset=400002\]$/);
  // Without a limit: as much as there is room for, in whole lines.
  const long = await read(both, { path });
  assert.match(String(long.error), /it has more than 32 MiB; read a part of it: offset, limit$/);
  const whole = await read(both, { path, offset: 2 });
  assert.equal(Object(whole.details).next_offset, 2 + Math.floor(32 * 1024 * 1024 / 100));
});
