import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";

/** The `_meta` of a modern request. */
export const MODERN_META: JsonObject = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test-client", version: "1.2.3" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A message as an object: legacy, unless `params` says otherwise. */
export function request(id: unknown, method: string, params?: JsonObject): JsonObject {
  return { jsonrpc: "2.0", id, method, params };
}

/** A modern message; `meta` is merged into its `_meta`. */
export function modernRequest(
  id: unknown,
  method: string,
  params: JsonObject = {},
  meta: JsonObject = {},
): JsonObject {
  return request(id, method, { ...params, _meta: { ...MODERN_META, ...meta } });
}

/** The headers a modern client sends along with `message`. */
export function modernHeaders(message: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": String(message.method),
  };
  const name = isJsonObject(message.params) ? message.params.name : undefined;
  if (typeof name === "string") headers["mcp-name"] = name;
  return headers;
}

/** A POST to `/mcp` of a handler under test. */
export function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  options: RequestInit = {},
): Request {
  return new Request("http://127.0.0.1:8090/mcp", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...options,
    headers: {
      host: "127.0.0.1:8090",
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
  });
}

/** Path lookup in parsed JSON: `at(value, "result", "content", 0, "text")`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current)) current = current[Number(key)];
    else if (isJsonObject(current)) current = current[key];
    else return undefined;
  }
  return current;
}

/** The messages of an event stream, comments left out, read to its end. */
export async function readEvents(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text.split("\n\n")
    .flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => JSON.parse(line.slice("data: ".length)));
}
