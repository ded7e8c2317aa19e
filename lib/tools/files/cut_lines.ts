import { z } from "zod";
import { formatCount } from "../../outputs/cut.ts";
import type { JsonObject } from "../../mcp/message.ts";
import type { CallToolResult } from "../../mcp/tool.ts";
import { describeLines, isPart, partArguments, type ShownLines } from "../../work/files/part.ts";
import { withLine } from "../../work/read_file.ts";

/** Lines that a model is shown if it does not say. */
const MAX_LINES = 2_000;

const argumentsType = z.looseObject(partArguments);
const shownType = z.object({
  first_line: z.int(),
  lines: z.int(),
  next_offset: z.int().nullable(),
  bytes: z.int(),
  sha256: z.string().nullable(),
  encoding: z.string(),
  changed: z.enum(["replaced", "truncated"]).nullable(),
});

/** The arguments for a model: no part is longer than is shown at once. */
export function limitLines(args: JsonObject): JsonObject {
  const parsed = argumentsType.safeParse(args);
  if (!parsed.success || !isPart(parsed.data) || parsed.data.encoding !== undefined) return args;
  return parsed.data.limit === undefined ? { ...args, limit: MAX_LINES } : args;
}

/**
 * The answer for a model where a file has more lines than it may be shown: the first ones, and where
 * to go on. Null: it is short, or has too long a line.
 */
export function cutLines(result: CallToolResult, maxChars: number): CallToolResult | null {
  const [block] = result.content;
  const { text, details } = result.structuredContent ?? {};
  if (result.isError || block?.type !== "text" || typeof text !== "string") return null;
  if (!block.text.endsWith(text)) return null;
  const part = shownType.safeParse(details);
  const line = part.success ? describeLines(part.data) : "";
  const isPartial = line !== "" && text.endsWith(line);
  const content = isPartial ? text.slice(0, -line.length) : text;
  const { end, lines } = measure(content, maxChars, isPartial ? Infinity : MAX_LINES);
  if (end === content.length || lines === 0) return null;
  const note = part.success
    ? describeLines(cutPart(part.data, lines))
    : `[lines 1-${formatCount(lines)} of ${describeWhole(content, details)}; next: ` +
      `offset=${lines + 1}]`;
  const prefix = block.text.slice(0, -text.length);
  return {
    ...result,
    content: [{ type: "text", text: withLine(prefix + content.slice(0, end), note) }],
  };
}

function cutPart(part: ShownLines, lines: number): ShownLines {
  return { ...part, lines, next_offset: part.first_line + lines };
}

function describeWhole(content: string, details: unknown): string {
  const count = content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
  const known = z.object({ bytes: z.int(), sha256: z.string() }).safeParse(details);
  return formatCount(count) +
    (known.success ? ` (${known.data.bytes} bytes, sha256 ${known.data.sha256})` : "");
}

/** How many whole lines there are room for, and where they end. */
function measure(text: string, maxChars: number, maxLines: number) {
  let [end, lines] = [0, 0];
  while (end < text.length && lines < maxLines) {
    const at = text.indexOf("\n", end);
    const next = at < 0 ? text.length : at + 1;
    if (next > maxChars) break;
    end = next;
    lines++;
  }
  return { end, lines };
}
