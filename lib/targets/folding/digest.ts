import { createHash } from "node:crypto";
import type { HostResult } from "./host_result.ts";
import type { ReplaceNames } from "./own_names.ts";

/** The text with LF at the ends of its lines, but for the last one, which has none. */
export function normalizeLines(text: string): string {
  const lines = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
  return lines.endsWith("\n") ? lines.slice(0, -1) : lines;
}

/** What results have in common. */
export interface Digests {
  /** The same for results that are the same without the names of their hosts. */
  readonly withoutNames: string;
  /** The same for results that are the same as they are. */
  readonly asIs: string;
}

/** The digests of a result whose lines are normalized. */
export function digestsOf(result: HostResult, replaceNames: ReplaceNames): Digests {
  const texts = [result.stdout, result.stderr, result.note ?? ""];
  // Twice the bracket of `{host}` is no place of a name.
  const replaced = texts.map((text) => {
    const changed = replaceNames(text);
    return changed === text || !text.includes("{")
      ? changed
      : replaceNames(text.replaceAll("{", "{{"));
  });
  const asIs = digestOf(result, texts, texts);
  const isNamed = replaced.some((text, at) => text !== texts[at]);
  return { withoutNames: isNamed ? digestOf(result, replaced, texts) : asIs, asIs };
}

function digestOf(
  { outcome, exitCode, bytesDigest }: HostResult,
  shown: readonly string[],
  texts: readonly string[],
): string {
  const isReplaced = shown.map((text, at) => text !== texts[at]);
  const hash = createHash("sha256");
  for (const text of [JSON.stringify([outcome, exitCode, bytesDigest, isReplaced]), ...shown]) {
    // Halves of surrogate pairs have no UTF-8, and would all be the same there.
    const encoding = text.isWellFormed() ? "utf8" : "utf16le";
    hash.update(`${text.length} ${encoding} `).update(text, encoding);
  }
  return hash.digest("base64");
}
