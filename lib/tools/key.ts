import { createHash } from "node:crypto";
import { z } from "zod";
import { CallEnded } from "../mcp/in_flight.ts";
import { inOrder } from "../mcp/json/in_order.ts";
import type { JsonObject } from "../mcp/message.ts";
import { keyedClaimId } from "../work/claims/id.ts";
import type { Claim } from "../work/claims/protocol.ts";
import type { Reply } from "../work/reply.ts";

/** Characters of a key. */
export const MAX_KEY_CHARS = 200;

/** The `key` argument of the tools that change something. */
export const keyArgument = z.string().min(1, "it is empty")
  .max(MAX_KEY_CHARS, `it has more than ${MAX_KEY_CHARS} characters`)
  .refine((text) => text.isWellFormed(), "it holds half of a surrogate pair")
  .describe("Your id for it: runs once")
  .optional();

/** A call with a key. */
export interface KeyedCall {
  readonly principal: string;
  readonly host: string;
  readonly key: string;
  /** The backend's tool and its arguments. */
  readonly tool: string;
  readonly args: JsonObject;
}

/** What claims a call with a key: the same for the same caller, host and key. */
export function claimOfKey({ tool, args, ...key }: KeyedCall): Claim {
  const text = JSON.stringify([tool, inOrder(args)]);
  return { id: keyedClaimId(key), digest: createHash("sha256").update(text).digest("hex") };
}

/** The line that an answer has which is that of an earlier call. */
export const EARLIER = "[the answer of an earlier call with this key: it did not run again]";

/** The reply with `EARLIER` behind its text. */
export function markEarlier({ text, failure, structured, content, legacy }: Reply): Reply {
  const marked = { text: mark(text), failure: failure && mark(failure), structured };
  const withContent = content === undefined ? marked : { ...marked, content: markLast(content) };
  if (legacy === undefined) return withContent;
  return {
    ...withContent,
    legacy: "answer" in legacy ? { answer: mark(legacy.answer) } : { error: mark(legacy.error) },
  };
}

function mark(text: string): string {
  return text === "" || text.endsWith("\n") ? text + EARLIER : `${text}\n${EARLIER}`;
}

type Content = NonNullable<Reply["content"]>;

function markLast(content: Content): Content {
  const at = content.findLastIndex(({ type }: Content[number]) => type === "text");
  const last = content[at];
  if (last?.type !== "text") return [...content, { type: "text", text: EARLIER }];
  return content.with(at, { ...last, text: mark(last.text) });
}

/**
 * Has work go on whose client is only disconnected: it may ask again, with the same key. Returns what
 * the work returns.
 */
export async function outliveClient<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const follow = () => {
    const { reason } = signal;
    if (!(reason instanceof CallEnded && reason.ending === "disconnected")) ending.abort(reason);
  };
  if (signal.aborted) follow();
  signal.addEventListener("abort", follow);
  try {
    return await work(ending.signal);
  } finally {
    signal.removeEventListener("abort", follow);
  }
}
