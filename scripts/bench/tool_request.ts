import { HttpConnection } from "./http_connection.ts";

/** A tool call to a server on a port of 127.0.0.1. */
export interface ToolCall {
  readonly port: number;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly token?: string;
  /** Whether the hub is to answer with all it has, as to a program; default: as to a model. */
  readonly isForProgram?: boolean;
}

/** The headers of a call, without those that HTTP itself needs. */
export function callHeaders({ token }: ToolCall): Record<string, string> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return token === undefined ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/** The JSON-RPC message of a call. */
export function callBody({ tool, args }: ToolCall): string {
  const params = { name: tool, arguments: args };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

/** The whole HTTP request of a call. */
export function callRequest(call: ToolCall): Uint8Array {
  const encoder = new TextEncoder();
  const body = encoder.encode(callBody(call));
  const head = encoder.encode([
    `POST /mcp${call.isForProgram ? "?results=structured" : ""} HTTP/1.1`,
    `Host: 127.0.0.1:${call.port}`,
    ...Object.entries(callHeaders(call)).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    "",
    "",
  ].join("\r\n"));
  const request = new Uint8Array(head.length + body.length);
  request.set(head);
  request.set(body, head.length);
  return request;
}

/** Makes a call over its own connection; returns the answer as JSON. Throws if there is none. */
export async function callAny(call: ToolCall): Promise<string> {
  using connection = new HttpConnection(call.port);
  const { status, body } = await connection.send(callRequest(call));
  const text = new TextDecoder().decode(body);
  if (status !== 200) throw new Error(`A call of "${call.tool}" failed: ${status} ${text}`);
  return text;
}

/** Makes a call over its own connection; returns the answer as JSON. Throws if it failed. */
export async function callOnce(call: ToolCall): Promise<string> {
  const text = await callAny(call);
  if (/"isError":true|"error":\{/.test(text.slice(0, 100) + text.slice(-4096))) {
    throw new Error(`A call of "${call.tool}" failed: ${text.slice(0, 500)}`);
  }
  return text;
}
