import { alternatives } from "../base/text/alternatives.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import { createBudget, type Lease } from "../calls/budget.ts";
import { claimantOf } from "../fleet/claimant.ts";
import type { Channel } from "../mcp/era.ts";
import { INTERNAL_ERROR, PARSE_ERROR } from "../mcp/message.ts";
import { parseResultProfile, RESULT_PROFILES, type ResultProfile } from "../mcp/profile.ts";
import type { McpServer } from "../mcp/server.ts";
import { answerOverHttp, type ClientHooks } from "./answer_over_http.ts";
import { type Authenticator, type Caller, createIsStill, type Principal } from "./auth.ts";
import { type Body, createBodyReader } from "./body.ts";
import { completionOf } from "./completion.ts";
import type { Denials } from "./denied.ts";
import { createGuard } from "./guard.ts";
import { answerWellKnown } from "./oauth/answers.ts";
import { type AdmitByToken, createAdmitByToken } from "./oauth/admit_by_token.ts";
import type { OauthGate } from "./oauth/gate.ts";
import { refuseRequest, refuseUnknown } from "./response.ts";
import type { Guesses } from "./visitors/guesses.ts";

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

/** Answers what is asked of it, or returns null where it has nothing; `path` is that of the request's URL. */
export type Site = (
  request: Request,
  path: string,
  info: RequestInfo,
) => Response | Promise<Response> | null;

/** What an HTTP endpoint is made of. */
export interface HttpOptions {
  readonly server: McpServer;
  readonly authenticate: Authenticator;
  /** Knows who calls MCP with an access token; default: nobody does. */
  readonly oauth?: OauthGate;
  /** Names beside the loopback ones that `Host` and `Origin` may carry, without port. */
  readonly allowedHosts: readonly string[];
  /** Whether the server listens on a loopback address alone. */
  readonly isLoopbackBind: boolean;
  readonly routes?: readonly Route[];
  /** Pages that know their visitors themselves; null: there is none at that path. */
  readonly site?: Site;
  /** Called with each request that is refused since it has no valid token. */
  readonly onDenied?: Denials["report"];
  /** Holds back the answer to a wrong token; default: not at all. */
  readonly holdGuess?: Guesses["hold"];
  /** Called with what the server itself has done wrong with a message; its client learns no more of it. */
  readonly onBug?: (error: unknown) => void;
  /** Of all messages that are being served; default 128 MiB. */
  readonly maxTotalBodyBytes?: number;
  /** Messages that may be read at once, and requests over HTTP/2; default 512 of each. */
  readonly maxRequests?: number;
  /** How long a client may send nothing of its message, or read nothing of an answer; default 30 s. */
  readonly stallMs?: number;
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
): (request: Request, info?: RequestInfo) => Response | Promise<Response> {
  const { authenticate, oauth, routes = [], site = () => null } = options;
  const checkNames = createGuard(options);
  const serveMessage = createMessageHandler(options);
  const isStill = createIsStill(authenticate);
  const admitByToken = oauth && createAdmitByToken({ ...options, oauth });

  return function handleHttpRequest(request, info = UNWATCHED) {
    const refusal = checkNames(request);
    if (refusal !== null) return refuseRequest(403, refusal);
    const path = pathOf(request.url);
    // Clients look for OAuth metadata here before they have a token.
    if (path.startsWith("/.well-known/")) {
      return answerWellKnown(request, path, oauth?.settings() ?? null);
    }
    const route = routes.find((route) => route.path === path);
    if (route && !route.needsToken) return route.handle(request, null);
    const isForSite = path !== "/mcp" && !(path === "/" && isMessage(request));
    const page = !route && isForSite ? site(request, path, info) : null;
    if (page !== null) return page;
    const principal = authenticate(request);
    if (principal === null) {
      return path === "/mcp" && admitByToken
        ? serveByToken(admitByToken, request, info)
        : denyUnknown(request, info, options);
    }
    if (route) return route.handle(request, principal);
    if (path !== "/mcp") return refuseRequest(404, "Nothing is here: MCP is served at /mcp");
    return serveMcp(request, { principal, isStill }, info);
  };

  async function serveByToken(
    admit: AdmitByToken,
    request: Request,
    info: RequestInfo,
  ): Promise<Response> {
    const caller = await admit(request, info);
    return caller instanceof Response ? caller : serveMcp(request, caller, info);
  }

  function serveMcp(
    request: Request,
    caller: Caller,
    info: RequestInfo,
  ): Response | Promise<Response> {
    if (request.method !== "POST") {
      return refuseRequest(405, "Use POST", { headers: { allow: "POST" } });
    }
    if (!isJson(request)) return refuseRequest(415, "Content-Type must be application/json");
    const results = findResults(request.url);
    if (results === undefined) return refuseRequest(400, UNKNOWN_RESULTS);
    return serveMessage(request, { ...caller, results }, info);
  }
}

/** What the server knows of a request. */
export interface RequestInfo {
  /** Settles when nothing more is to be done about it. */
  readonly completed: Promise<unknown>;
  /** Where it came from; absent: that is not known. */
  readonly remoteAddr?: Deno.Addr;
}

const UNWATCHED: RequestInfo = { completed: Promise.resolve() };

/** After a message that took longer, it is asked again whether its token is valid. */
const SLOW_MS = 100;

/** Who sends a message, and the profile that its URL asks for. */
interface Sender extends Caller {
  readonly results: ResultProfile | null;
}

function createMessageHandler(
  options: HttpOptions,
): (request: Request, sender: Sender, info: RequestInfo) => Promise<Response> {
  const { server, clock = systemClock, graceMs = 250, keepAliveMs = 15_000 } = options;
  const {
    onBug = () => {},
    stallMs = 30_000,
    maxTotalBodyBytes = 128 * 1024 * 1024,
    maxRequests = 512,
  } = options;
  const times = { clock, graceMs, keepAliveMs, stallMs };
  const readBody = createBodyReader({
    places: createBudget(() => maxRequests),
    bytes: createBudget(() => maxTotalBodyBytes),
    stallMs,
    slackMs: 2 * stallMs,
    clock,
  });
  const streams = createBudget(() => maxRequests);

  return async function serveMessage(request, sender, info) {
    const { principal: { name: principal }, results } = sender;
    const completed = completionOf(info);
    const claimant = claimantOf(principal);
    const isMultiplexed = isHttp2(request);
    if (isMultiplexed && !holdUntil(completed, streams.lease(claimant))) {
      return refuseBody({ kind: "too_many" }, 0);
    }
    const maxBytes = server.maxMessageBytes(principal);
    const arrivedAt = clock.now();
    const body = await readBody(request, { claimant, maxBytes });
    if (body.kind !== "ok") return refuseBody(body, maxBytes);
    const { text, release: onEnd } = body;
    try {
      if (clock.now() - arrivedAt > SLOW_MS && !await sender.isStill(request, sender)) {
        onEnd();
        return refuseUnknown();
      }
      const channel: Channel = { kind: "http", headers: request.headers };
      const work = ({ gone, notify }: ClientHooks) =>
        server.handle(text, { principal, results, channel, gone, notify });
      return await answerOverHttp(request, { work, onEnd, completed, isMultiplexed }, times);
    } catch (error) {
      onEnd();
      onBug(error);
      // It may have run: some clients send again what is answered with 500.
      return refuseRequest(200, "Internal error", { code: INTERNAL_ERROR });
    }
  };
}

/** HTTP/2 has no `Host`. One connection then carries many requests, each with an answer to keep. */
function isHttp2({ headers }: Request): boolean {
  return headers.get("host") === null;
}

/** Takes a place for as long as a request lasts; false: there is none. */
function holdUntil(completed: Promise<unknown>, place: Lease): boolean {
  if (!place.take(1)) return false;
  const giveBack = () => place[Symbol.dispose]();
  completed.then(giveBack, giveBack);
  return true;
}

/** The path of an absolute URL: what `URL` returns for those of requests, at a fraction of its cost. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, query < 0 ? undefined : query);
}

const UNKNOWN_RESULTS = `"results" must be ${alternatives(RESULT_PROFILES)}`;

/** The profile that a URL asks for; null: none, undefined: one that is unknown, or several. */
function findResults(url: string): ResultProfile | null | undefined {
  if (!url.includes("?")) return null;
  const names = new Set(new URL(url).searchParams.getAll("results"));
  const [name] = names;
  if (name === undefined) return null;
  return names.size > 1 ? undefined : parseResultProfile(name) ?? undefined;
}

/** Whoever sends such to `/` has left out the path of MCP. */
function isMessage(request: Request): boolean {
  return request.method === "POST" && isJson(request);
}

function isJson(request: Request): boolean {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/json";
}

/** Whoever has no token guesses none. */
function denyUnknown(
  request: Request,
  info: RequestInfo,
  { onDenied, holdGuess }: Pick<HttpOptions, "onDenied" | "holdGuess">,
): Response | Promise<Response> {
  onDenied?.(request, info.remoteAddr ?? null);
  const isGuess = request.headers.has("authorization");
  const held = isGuess ? holdGuess?.(request, info) ?? null : null;
  return held === null ? refuseUnknown() : held.then(refuseUnknown);
}

function refuseBody(body: Exclude<Body, { kind: "ok" }>, maxBytes: number): Response {
  switch (body.kind) {
    case "too_large":
      return refuseRequest(413, `The message is too large: at most ${maxBytes} bytes are accepted`);
    case "too_many":
      return refuseRequest(429, "Too many messages are being served: try again later");
    case "too_slow":
      return refuseRequest(408, "The message did not come in time");
    case "not_utf8":
      return refuseRequest(400, "The message is not UTF-8", { code: PARSE_ERROR });
    case "lost":
      return refuseRequest(400, "The connection was lost before the message ended");
  }
}
