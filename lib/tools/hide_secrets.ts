import type { Pause } from "../base/bursts.ts";
import { type Redact, redactInSteps } from "../base/text/redact.ts";
import { claimantOf } from "../fleet/claimant.ts";
import { isJsonObject, type JsonObject } from "../mcp/message.ts";
import { type CallContext, type CallToolResult, errorResult, type Tool } from "../mcp/tool.ts";
import { searchableBase64 } from "../work/files/text.ts";

/** A longer text is searched in steps. */
const LONG_CHARS = 256 * 1024;

/**
 * The tool for callers who must not learn the hub's tokens: whatever it answers or reports to a named
 * client is without them, a file's content too. Operators read files as they are.
 */
export function hideSecrets(tool: Tool, redact: Redact): Tool {
  async function callForClient(args: JsonObject, context: CallContext): Promise<CallToolResult> {
    const { reportProgress } = context;
    const result = await tool.call(args, {
      ...context,
      redact,
      reportProgress: reportProgress && ((line) => reportProgress(redact(line))),
    });
    if (await holdsInBase64(result, redact, context.room.pause)) return hideWhole(result);
    const redactLong = await redactLongTexts(result, redact, context.room.pause);
    return hideInResult(result, (text) => redactLong.get(text) ?? redact(text));
  }

  return {
    ...tool,
    call: (args, context) =>
      claimantOf(context.principal).isOperator
        ? tool.call(args, context)
        : callForClient(args, context),
  };
}

const HIDDEN = "it holds a secret of the hub, which cannot be hidden in base64; read it as a text";

function hideWhole({ structuredContent }: CallToolResult): CallToolResult {
  const structure = { ...structuredContent, outcome: "failed", error: HIDDEN };
  return {
    ...errorResult(`Error: ${HIDDEN}`),
    structuredContent: { ...structure, text: null, details: null },
  };
}

/** Whether the bytes of a file, which was read in base64, hold a secret. */
async function holdsInBase64(
  { structuredContent }: CallToolResult,
  redact: Redact,
  pause: Pause,
): Promise<boolean> {
  const { text, details } = structuredContent ?? {};
  const isBase64 = isJsonObject(details) && details.encoding === "base64";
  if (!isBase64 || typeof text !== "string") return false;
  const content = searchableBase64(text);
  return content !== null && await redactInSteps(content, redact, pause) !== content;
}

type Block = CallToolResult["content"][number];

function hideInResult(result: CallToolResult, redact: Redact): CallToolResult {
  const { content, structuredContent } = result;
  return {
    ...result,
    content: content.map((block: Block) => ({ ...block, ...hideInObject(block, redact) })),
    ...(structuredContent === undefined
      ? {}
      : { structuredContent: hideInObject(structuredContent, redact) }),
  };
}

function hideInObject(object: Readonly<Record<string, unknown>>, redact: Redact): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [redact(key), hideIn(value, redact)]),
  );
}

function hideIn(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((element) => hideIn(element, redact));
  return isJsonObject(value) ? hideInObject(value, redact) : value;
}

/** The long texts of a result without secrets: many secrets take a while to look for. */
async function redactLongTexts(
  result: CallToolResult,
  redact: Redact,
  pause: Pause,
): Promise<ReadonlyMap<string, string>> {
  const redacted = new Map<string, string>();
  for (const text of new Set(longTextsIn(result))) {
    redacted.set(text, await redactInSteps(text, redact, pause));
  }
  return redacted;
}

function* longTextsIn(value: unknown): Generator<string> {
  if (typeof value === "string" && value.length >= LONG_CHARS) yield value;
  if (typeof value !== "object" || value === null) return;
  for (const part of Object.values(value)) yield* longTextsIn(part);
}
