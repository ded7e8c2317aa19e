import assert from "node:assert/strict";
import type { Channel } from "../../../lib/mcp/era.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createServer, type ServerOptions } from "../../../lib/mcp/server.ts";
import type { Caller } from "../../../lib/mcp/call.ts";
import { modernHeaders } from "../wire.ts";
import { bug, echo, fail, sample } from "../fixture_tools.ts";

export const TOOLS = [echo, fail, bug, sample];

export function serverOf(options: Partial<ServerOptions> = {}) {
  return createServer({
    name: "test-server",
    version: "0.0.1",
    tools: () => TOOLS,
    log() {},
    ...options,
  });
}

export function callerOf(channel: Channel, options: Partial<Caller> = {}): Caller {
  const gone = new AbortController().signal;
  return { principal: "ann", results: null, channel, gone, notify() {}, ...options };
}

export function http(headers: Record<string, string> = {}, options: Partial<Caller> = {}): Caller {
  return callerOf({ kind: "http", headers: new Headers(headers) }, options);
}

export function pipe(id = "pipe", options: Partial<Caller> = {}): Caller {
  return callerOf({ kind: "pipe", id }, options);
}

export async function ask(message: unknown, caller = http(), server = serverOf()) {
  const answer = await server.handle(JSON.stringify(message), caller);
  assert.ok(answer);
  return { ...answer, body: JSON.parse(answer.text) };
}

export function askModern(message: JsonObject, headers: Record<string, string> = {}) {
  return ask(message, http({ ...modernHeaders(message), ...headers }));
}

export const SERVER_INFO = { name: "test-server", version: "0.0.1" };
