import assert from "node:assert/strict";
import { quote } from "../../lib/shell/quote.ts";

const WORDS = [
  "",
  "plain",
  "two words",
  "it's",
  "''",
  "'\\''",
  '"double"',
  "$HOME `id` $(id) ${x} $'a'",
  "back\\slash\\",
  "line\nfeed\n",
  "\r\t\x01\x7f",
  "-rf",
  "~ * ? [a] {a,b} ! # & ; | < > ( )",
  "EOF\nEOF_B64_PAYLOAD\n",
  "ünï\u{1f600}\ufeff",
];

Deno.test("quote() puts a text in single quotes", () => {
  assert.equal(quote("a b"), "'a b'");
  assert.equal(quote("it's"), "'it'\\''s'");
  assert.equal(quote(""), "''");
});

Deno.test("quote() refuses a NUL character", () => {
  assert.throws(() => quote("a\0b"), RangeError);
});

for (const shell of ["bash", "dash", "zsh"]) {
  Deno.test({
    name: `quote() returns words that ${shell} reads byte for byte`,
    ignore: !await isInstalled(shell),
    fn: async () => {
      const script = `printf '%s\\0' ${WORDS.map(quote).join(" ")}`;
      const { stdout } = await new Deno.Command(shell, { args: ["-c", script] }).output();
      assert.deepEqual(new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout).split("\0"), [
        ...WORDS,
        "",
      ]);
    },
  });
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["-c", ":"] }).output()).success;
  } catch {
    return false;
  }
}
