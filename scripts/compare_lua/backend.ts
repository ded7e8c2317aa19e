import { openBlackHole } from "../../tests/lab/black_hole.ts";
import { startBackend } from "../../tests/lab/backend.ts";
import { close } from "../../tests/lab/faults/connection.ts";
import { plainDialect } from "../../tests/lab/dialect.ts";
import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";

/** What a backend answers to a request of an id. */
type Answer = (id: unknown, request: Request) => Response | Promise<Response>;

const IMAGE = { type: "image", data: "aGk=", mimeType: "image/png" };
const LONG = "0123456789".repeat(30);

const text = (value: unknown) => ({ type: "text", text: value });

/** Results of `tools/call`, by name. */
export const RESULTS: Readonly<Record<string, JsonObject>> = {
  "a text": { content: [text("hi\n")] },
  "an empty text": { content: [text("")] },
  "a text in Unicode": { content: [text("grüße 👋 \u2028\u0007")] },
  "several texts": { content: [text("one"), text("two")] },
  "a text and structured content": { content: [text("one")], structuredContent: { a: 1 } },
  "an error": { content: [text("no match")], isError: true },
  "an error that says Error": { content: [text("Error: no match")], isError: true },
  "several texts of an error": { content: [text("one"), text("two")], isError: true },
  "no content": { answer: 42 },
  "no content of an error": { isError: true },
  "empty content": { content: [] },
  "a text without type": { content: [{ text: "no type" }] },
  "a text that is a number": { content: [text(5.5)] },
  "an image first": { content: [IMAGE, text("two")] },
};

/** Answers that are no result, by name. */
export const FAULTS: Readonly<Record<string, Answer>> = {
  "HTTP 401": () => new Response("Unauthorized", { status: 401 }),
  "HTTP 404": () => new Response("no such page", { status: 404 }),
  "HTTP 413": () => new Response("too large", { status: 413 }),
  "HTTP 500": () => new Response(LONG, { status: 500 }),
  "HTTP 503": () => new Response(null, { status: 503 }),
  "HTTP 502 with a page": () => new Response("<html>\n<h1>Bad</h1>\n</html>\n", { status: 502 }),
  "bad JSON": () => new Response(`{ this is no JSON ${LONG}`),
  "no JSON": () => new Response(""),
  "JSON-RPC -32602, unknown tool": (id) => rpcError(id, { code: -32602, message: "unknown tool" }),
  "JSON-RPC -32000": (id) => rpcError(id, { code: -32000, message: "it broke" }),
  "JSON-RPC -32603 with a long message": (id) => rpcError(id, { code: -32603, message: LONG }),
  "JSON-RPC -32000 without message": (id) => rpcError(id, { code: -32000 }),
  "neither result nor error": (id) => Response.json({ jsonrpc: "2.0", id }),
  "the id of another request": () => rpcResult("another", { content: [text("not yours")] }),
};

/** Never answers. */
const silence: Answer = (_id, { signal }) =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Response())));

/** The name of the fault that takes time. */
export const SILENCE = "silence";
/** The name of the result that shows the request's token. */
export const TOKEN = "the token";

/** Backends for all results and faults. */
export interface Backends extends AsyncDisposable {
  /** The URL of a backend whose calls have this result, or whose calls alone have this fault. */
  readonly urlOf: (name: string) => string;
  /** The URL of a backend that answers everything with a fault. */
  readonly brokenUrlOf: (name: string) => string;
  /** The URL of a backend that closes the connection instead of answering a call. */
  readonly closingUrl: string;
  /** The URL of a port that lets no connection be made, and refuses none. */
  readonly unreachableUrl: string;
}

/** Starts the backends on 127.0.0.1. */
export async function startBackends(): Promise<Backends> {
  await using stack = new AsyncDisposableStack();
  const closing = stack.use(
    await startBackend({
      dialect: plainDialect,
      behaviour: ({ method }) => method === "tools/call" ? close : null,
      keepAlive: false,
    }),
  );
  const unreachable = stack.use(await openBlackHole());
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  stack.defer(() => server.shutdown());
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const owned = stack.move();
  return {
    urlOf: (name) => `${origin}/calls/${encodeURIComponent(name)}`,
    brokenUrlOf: (name) => `${origin}/all/${encodeURIComponent(name)}`,
    closingUrl: closing.url,
    unreachableUrl: unreachable.url,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function answer(request: Request): Promise<Response> {
  const [, scope, name = ""] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
  const message: unknown = await request.json();
  const { id, method } = isJsonObject(message) ? message : {};
  const fault = name === SILENCE ? silence : FAULTS[name];
  if (fault !== undefined && (scope === "all" || method === "tools/call")) {
    return fault(id, request);
  }
  if (id === undefined) return new Response(null, { status: 202 });
  switch (method) {
    case "tools/call":
      return rpcResult(id, name === TOKEN ? showToken(request) : RESULTS[name] ?? {});
    case "tools/list":
      return rpcResult(id, { tools: [{ name: "shell" }] });
    default:
      return rpcError(id, { code: -32601, message: "method not found" });
  }
}

function showToken({ headers }: Request): JsonObject {
  return { content: [text(headers.get("authorization") ?? "none")] };
}

function rpcResult(id: unknown, result: JsonObject): Response {
  return Response.json({ jsonrpc: "2.0", id, result });
}

function rpcError(id: unknown, error: JsonObject): Response {
  return Response.json({ jsonrpc: "2.0", id, error });
}
