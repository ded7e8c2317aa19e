import { createHash } from "node:crypto";
import type { HostResult } from "./host_result.ts";
import type { ReplaceNames } from "./own_names.ts";

/** The text with LF at the ends of its lines, but for the last one, which has none. */
export function normalizeLines(text: string): string {
  const lines = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
  return lines.endsWith("\n") ? lines.slice(0, -1) : lines;
}

/** The same for results that are the same without the names of their hosts; their lines are normalized. */
export function digestOf(result: HostResult, replaceNames: ReplaceNames): string {
  const { outcome, exitCode, bytesDigest, stdout, stderr, note } = result;
  const replaced = [stdout, stderr, note ?? ""].map(replaceNames);
  // A text that holds `{host}` by itself differs from one where that is in the place of a name.
  const places = replaced.map(({ at }) => at);
  const hash = createHash("sha256");
  for (
    const text of [
      JSON.stringify([outcome, exitCode, bytesDigest, places]),
      ...replaced.map(({ text }) => text),
    ]
  ) {
    // Halves of surrogate pairs have no UTF-8, and would all be the same there.
    const encoding = text.isWellFormed() ? "utf8" : "utf16le";
    hash.update(`${text.length} ${encoding} `).update(text, encoding);
  }
  return hash.digest("base64");
}
