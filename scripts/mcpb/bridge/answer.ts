import { readEvents } from "./events.ts";
import { type Envelope, isObject, parseJson } from "./message.ts";
import type { Posted } from "./post.ts";

/** What an answer said, apart from what has been written. */
export type Answered =
  /** `message` is the answer itself; absent for what needs none. */
  | { readonly kind: "answered"; readonly message?: unknown }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  | { readonly kind: "lost"; readonly reason: string };

/** Writes what the hub answers, each message as a line; refusals and losses are returned. */
export async function readAnswer(
  posted: Extract<Posted, { kind: "answered" }>,
  id: Envelope["id"],
  write: (line: string) => Promise<void>,
): Promise<Answered> {
  const { status, contentType, body } = posted;
  try {
    if (status === 200 && contentType.startsWith("text/event-stream")) {
      for await (const data of readEvents(body)) {
        const message = parseJson(data);
        await write(oneLine(data));
        if (isAnswerTo(message, id)) return { kind: "answered", message };
      }
      return id === null ? { kind: "answered" } : { kind: "lost", reason: "the answer broke off" };
    }
    const text = await readText(body);
    const message = parseJson(text);
    if (id !== null && isAnswerTo(message, id)) {
      await write(oneLine(text));
      return { kind: "answered", message };
    }
    if (id === null && status < 300) return { kind: "answered" };
    return { kind: "refused", status, reason: reasonOf(message, contentType) };
  } catch (error) {
    return { kind: "lost", reason: error instanceof Error ? error.message : String(error) };
  }
}

function isAnswerTo(message: unknown, id: Envelope["id"]): boolean {
  return isObject(message) && id !== null && message.id === id && message.method === undefined;
}

/** What is not about this request: the hub has refused it, or something else has answered. */
function reasonOf(message: unknown, contentType: string): string {
  const error = isObject(message) ? message.error : undefined;
  if (isObject(error) && typeof error.message === "string") return error.message;
  return `what answers there is no MCP server${contentType === "" ? "" : ` (${contentType})`}`;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** JSON has line breaks between its parts alone. */
function oneLine(json: string): string {
  return json.replace(/[\r\n]+/g, " ");
}
