import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { at, modernHeaders, modernRequest, readEvents, request } from "../mcp/wire.ts";
import { until } from "../processes.ts";

/** What a program is asked, and by whom. */
export interface Call {
  readonly tool: string;
  readonly args?: JsonObject;
  /** Legacy: the id that `notifications/cancelled` names. */
  readonly id?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** What sends it; default: a client that repeats it where a connection that was kept breaks. */
  readonly client?: Deno.HttpClient;
  /** Whether to speak 2026-07-28; default: legacy. */
  readonly modern?: boolean;
}

/** A tool's answer. */
export interface CallAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: unknown;
}

/** Waits until a program listens. */
export async function untilListening(port: number): Promise<void> {
  await until(async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return true;
    } catch {
      return false;
    }
  }, 15_000);
}

/** Posts a message as a client would. */
export async function postTo(
  url: string,
  message: JsonObject,
  { headers = {}, signal, client }: Pick<Call, "headers" | "signal" | "client"> = {},
): Promise<Response> {
  return await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: JSON.stringify(message),
    signal: signal ?? null,
    ...(client && { client }),
  });
}

/** Resolves once a call has failed to be answered. Rejects with the answer if there is one. */
export async function unanswered(call: Promise<CallAnswer>): Promise<void> {
  const answer = await call.catch(() => null);
  if (answer !== null) assert.fail(`It was answered: ${JSON.stringify(answer)}`);
}

/** Calls a tool, as a program does. */
export async function callTool(url: string, call: Call): Promise<CallAnswer> {
  return await answerTo(`${url}?results=structured`, call);
}

/** Calls a tool, as a model's client does, which asks for nothing special. */
export async function callForModel(
  url: string,
  tool: string,
  args: JsonObject,
  options: Pick<Call, "modern" | "signal" | "headers" | "client"> = {},
): Promise<CallAnswer> {
  const answer = await answerTo(url, { tool, args, ...options });
  assert.equal(answer.structured, undefined);
  return answer;
}

async function answerTo(url: string, call: Call): Promise<CallAnswer> {
  const { tool, args = {}, id = 1, modern = false } = call;
  const params = { name: tool, arguments: args };
  const message = modern
    ? modernRequest(id, "tools/call", params)
    : request(id, "tools/call", params);
  const headers = { ...(modern ? modernHeaders(message) : {}), ...call.headers };
  const response = await postTo(url, message, { ...call, headers });
  const isStream = response.headers.get("content-type") === "text/event-stream";
  const answer = isStream ? (await readEvents(response)).at(-1) : await response.json();
  const text = at(answer, "result", "content", 0, "text");
  assert.ok(typeof text === "string", JSON.stringify(answer));
  return {
    text,
    isError: at(answer, "result", "isError") === true,
    structured: at(answer, "result", "structuredContent"),
  };
}
