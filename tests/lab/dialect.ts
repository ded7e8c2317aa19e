import { type JsonObject, METHOD_NOT_FOUND } from "../../lib/mcp/message.ts";
import type { WireRequest } from "./connection.ts";
import type { HttpText } from "./http_text.ts";

/** A JSON-RPC message that came to a backend; `id` is undefined for a notification. */
export interface RpcRequest {
  readonly wire: WireRequest;
  readonly id: unknown;
  readonly method: string;
  readonly params: JsonObject;
}

/** How a backend speaks. */
export interface LabDialect {
  /** The answer to what is not about tools, or the refusal of a request; null: go on. */
  readonly answer: (request: RpcRequest) => HttpText | null;
}

/** The 2026-07-28 protocol, and nothing else. */
export function modernDialect(): LabDialect {
  return {
    answer: (request) => {
      if (request.wire.headers.get("mcp-protocol-version") !== "2026-07-28") {
        return { status: 400, body: "No such protocol version" };
      }
      if (request.method !== "server/discover") return null;
      return { body: resultText(request, { supportedVersions: ["2026-07-28"] }) };
    },
  };
}

/** A server that takes any request as it comes, as the Lua backends do. */
export function plainDialect(): LabDialect {
  return {
    answer: (request) => {
      if (request.id === undefined) return { status: 202 };
      return request.method.startsWith("tools/") ? null : noSuchMethod(request);
    },
  };
}

/** A legacy server that answers nothing without a session, which `initialize` begins. */
export function sessionDialect(): LabDialect {
  let session: string | null = null;
  return {
    answer: (request) => {
      if (request.method === "initialize") {
        session = crypto.randomUUID();
        const body = resultText(request, { protocolVersion: "2025-11-25", capabilities: {} });
        return { headers: { "mcp-session-id": session }, body };
      }
      const named = request.wire.headers.get("mcp-session-id");
      if (named === null) return { status: 400, body: "No session" };
      if (named !== session) return { status: 404, body: "No such session" };
      if (request.id === undefined) return { status: 202 };
      return request.method.startsWith("tools/") ? null : noSuchMethod(request);
    },
  };
}

/** A successful JSON-RPC response. */
export function resultText({ id }: RpcRequest, result: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

/** A failed JSON-RPC response. */
export function errorText({ id }: RpcRequest, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}

function noSuchMethod(request: RpcRequest): HttpText {
  return { body: errorText(request, METHOD_NOT_FOUND, "Method not found") };
}
