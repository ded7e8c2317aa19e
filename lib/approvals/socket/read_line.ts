import { concat } from "../../base/bytes.ts";

const LINE_BREAK = 10;

/** The text before the first line break of a connection; null: it ends, or is longer, before that. */
export async function readLine(
  connection: Pick<Deno.Conn, "read">,
  maxBytes: number,
): Promise<string | null> {
  const chunk = new Uint8Array(16 * 1024);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const count = await connection.read(chunk);
    if (count === null) return null;
    const end = chunk.subarray(0, count).indexOf(LINE_BREAK);
    const part = chunk.slice(0, end < 0 ? count : end);
    parts.push(part);
    size += part.length;
    if (size > maxBytes) return null;
    if (end >= 0) return new TextDecoder().decode(concat(parts, size));
  }
}

/** Writes a value as one line of JSON. */
export async function writeLine(
  connection: Pick<Deno.Conn, "write">,
  value: unknown,
): Promise<void> {
  let left = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  while (left.length > 0) left = left.subarray(await connection.write(left));
}
