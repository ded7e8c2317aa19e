import { Folding } from "../../../lib/targets/folding/fold.ts";

/** Folds 300 MB of outputs, all different, as they come from the network: decoded, each by itself. */
const folding = new Folding();
const decoder = new TextDecoder();
for (let at = 0; at < 150; at++) {
  const bytes = new TextEncoder().encode(`${at} ${"abcdefgh ".repeat(222_222)}`);
  folding.add({
    host: `h${at}`,
    aliases: [],
    outcome: "ok",
    exitCode: 0,
    stdout: decoder.decode(bytes),
    stderr: "",
    bytesDigest: null,
    note: null,
  });
}
console.log(folding.groups().length);
