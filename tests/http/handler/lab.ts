import { createHttpHandler, type HttpOptions } from "../../../lib/http/handler.ts";
import { createServer } from "../../../lib/mcp/server.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { createGate, echo } from "../../mcp/fixture_tools.ts";
import { modernRequest, request } from "../../mcp/wire.ts";

/** A handler with a server of two tools: one echoes, the other answers when its gate opens. */
export function setUp(options: Partial<HttpOptions> = {}) {
  const gate = createGate();
  const clock = createFakeClock();
  const tools = [echo, gate.tool];
  const server = createServer({ name: "s", version: "1", tools: () => tools, log() {}, clock });
  const handler = createHttpHandler({
    server,
    clock,
    authenticate: ({ headers }) => headers.get("authorization") === "no" ? null : { name: "ann" },
    allowedHosts: [],
    isLoopbackBind: true,
    routes: [
      { path: "/healthz", needsToken: false, handle: () => new Response("ok") },
      { path: "/metrics", needsToken: true, handle: () => new Response("metrics") },
    ],
    ...options,
  });
  return { gate, clock, server, handler };
}

/** Messages for it. */
export const PING = request(1, "ping");
export const CALL = request(1, "tools/call", { name: "gate" });
export const MODERN_CALL = modernRequest(1, "tools/call", { name: "gate" });
/** Headers of a client that accepts no event stream. */
export const JSON_ONLY = { accept: "application/json" };

/** A request without a message. */
export function get(path: string, headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(`http://127.0.0.1:8090${path}`, { method, headers });
}
