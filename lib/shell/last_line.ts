/** A line of progress is cut here. */
const MAX_LINE_BYTES = 200;

/** Reports the last line of a piece of output, if it has one with text. */
export function reportLastLine(bytes: Uint8Array, report: (line: string) => void): void {
  const line = lastLine(bytes);
  if (line !== null) report(line);
}

/** The last line with text in a piece of output, without control characters; null: there is none. */
export function lastLine(bytes: Uint8Array): string | null {
  const end = new TextDecoder().decode(bytes.subarray(-MAX_LINE_BYTES));
  const lines = end.split(/[\r\n]+/).map((line) => line.replaceAll(/\p{Cc}+/gu, " ").trim());
  return lines.findLast((line) => line !== "") ?? null;
}
