import type { JsonObject } from "../../lib/mcp/message.ts";
import { readEvents, request } from "../mcp/wire.ts";

/** Sends a message to a server. */
export function send(
  url: string,
  message: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body: JSON.stringify(message),
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
  });
}

/** The answer to a message; that to a call which takes a while comes as a stream. */
export async function answerOf(response: Response): Promise<unknown> {
  return response.headers.get("content-type") === "application/json"
    ? await response.json()
    : (await readEvents(response)).at(-1);
}

/** Calls a tool; returns the whole answer. */
export async function callTool(url: string, name: string, args: JsonObject): Promise<unknown> {
  return await answerOf(await send(url, request(1, "tools/call", { name, arguments: args })));
}
