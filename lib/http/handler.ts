import { type Clock, systemClock } from "../base/clock.ts";
import type { Channel } from "../mcp/era.ts";
import { MAX_MESSAGE_BYTES, PARSE_ERROR } from "../mcp/message.ts";
import type { McpServer } from "../mcp/server.ts";
import { answerOverHttp, type ClientHooks } from "./answer_over_http.ts";
import type { Authenticator, Principal } from "./auth.ts";
import { type Body, createBodyReader } from "./body.ts";
import { createGuard } from "./guard.ts";
import { refuseRequest } from "./response.ts";

/** A page beside the MCP endpoint, such as `/healthz`. */
export interface Route {
  /** The exact path. */
  readonly path: string;
  readonly needsToken: boolean;
  /** `principal` is null where no token is needed. */
  readonly handle: (
    request: Request,
    principal: Principal | null,
  ) => Response | Promise<Response>;
}

/** What an HTTP endpoint is made of. */
export interface HttpOptions {
  readonly server: McpServer;
  readonly authenticate: Authenticator;
  /** Names beside the loopback ones that `Host` and `Origin` may carry, without port. */
  readonly allowedHosts: readonly string[];
  /** Whether the server listens on a loopback address alone. */
  readonly isLoopbackBind: boolean;
  readonly routes?: readonly Route[];
  /** Of one message; default 48 MiB. */
  readonly maxBodyBytes?: number;
  /** Of all messages that are being served; default 256 MiB. */
  readonly maxTotalBodyBytes?: number;
  /** Wait for the next piece of a large body; default 30 s. */
  readonly bodyStallMs?: number;
  /** How long an answer may take to be plain JSON; default 250 ms. */
  readonly graceMs?: number;
  /** Between two comments on an event stream; default 15 s. */
  readonly keepAliveMs?: number;
  readonly clock?: Clock;
}

/**
 * The handler for `Deno.serve`: MCP at `/mcp`, and `routes`. Every request but those for routes that
 * need no token, and for `/.well-known/`, must be authenticated.
 */
export function createHttpHandler(
  options: HttpOptions,
): (request: Request) => Response | Promise<Response> {
  const { authenticate, routes = [] } = options;
  const checkNames = createGuard(options);
  const serveMessage = createMessageHandler(options);

  return function handleHttpRequest(request) {
    const refusal = checkNames(request);
    if (refusal !== null) return refuseRequest(403, refusal);
    const path = pathOf(request.url);
    // Clients look for OAuth metadata here before they have a token.
    if (path.startsWith("/.well-known/")) return refuseRequest(404, "There is no OAuth metadata");
    const route = routes.find((route) => route.path === path);
    if (route && !route.needsToken) return route.handle(request, null);
    const principal = authenticate(request);
    if (principal === null) {
      return refuseRequest(401, "A valid bearer token is needed", {
        headers: { "www-authenticate": "Bearer" },
      });
    }
    if (route) return route.handle(request, principal);
    if (path !== "/mcp") return refuseRequest(404, "Nothing is here: MCP is served at /mcp");
    if (request.method !== "POST") {
      return refuseRequest(405, "Use POST", { headers: { allow: "POST" } });
    }
    if (!isJson(request)) return refuseRequest(415, "Content-Type must be application/json");
    return serveMessage(request, principal);
  };
}

function createMessageHandler(
  options: HttpOptions,
): (request: Request, principal: Principal) => Promise<Response> {
  const { server, clock = systemClock, graceMs = 250, keepAliveMs = 15_000 } = options;
  const readBody = createBodyReader({
    clock,
    maxBytes: options.maxBodyBytes ?? MAX_MESSAGE_BYTES,
    maxTotalBytes: options.maxTotalBodyBytes ?? 256 * 1024 * 1024,
    stallMs: options.bodyStallMs ?? 30_000,
  });

  return async function serveMessage(request, principal) {
    const body = await readBody(request);
    if (body.kind !== "ok") return refuseBody(body);
    const channel: Channel = { kind: "http", headers: request.headers };
    const work = ({ gone, notify }: ClientHooks) =>
      server.handle(body.text, { principal: principal.name, channel, gone, notify });
    const times = { clock, graceMs, keepAliveMs };
    return await answerOverHttp(request, { work, onEnd: body.release }, times);
  };
}

/** The path of an absolute URL: what `URL` returns for those of requests, at a fraction of its cost. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, query < 0 ? undefined : query);
}

function isJson(request: Request): boolean {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/json";
}

function refuseBody(body: Exclude<Body, { kind: "ok" }>): Response {
  switch (body.kind) {
    case "too_large":
      return refuseRequest(413, "The message is too large");
    case "too_many":
      return refuseRequest(429, "Too many large messages are being served: try again later");
    case "too_slow":
      return refuseRequest(408, "The message did not come in time");
    case "not_utf8":
      return refuseRequest(400, "The message is not UTF-8", { code: PARSE_ERROR });
    case "lost":
      return refuseRequest(400, "The connection was lost before the message ended");
  }
}
