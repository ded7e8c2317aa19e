import { quote } from "../shell/quote.ts";
import { pathWord } from "./path.ts";

/**
 * A starting path for `find`, quoted; one that looks like a part of an expression, such as
 * `-delete`, `(` and `!`, is a path all the same.
 */
export function findPath(path: string): string {
  return /^[-(),!]/.test(path) ? quote(`./${path}`) : pathWord(path);
}

/** The records that `find -print0` wrote. A last one that was cut off is left out. */
export function parseRecords(bytes: Uint8Array): string[] {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\0").slice(0, -1);
}

/** A list as lines, each with its line feed, as `ls -1` and `find` print them. */
export function toLines(items: readonly string[]): string {
  return items.map((item) => `${item}\n`).join("");
}
