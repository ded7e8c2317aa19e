import { Buffer } from "node:buffer";

/** An HTTP response, to be written out. */
export interface HttpText {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A whole response as it goes over the wire, JSON unless its headers say otherwise. */
export function httpText({ status = 200, headers = {}, body = "" }: HttpText): string {
  return httpHead({ status, headers: { "content-length": sizeOf(body), ...headers } }) + body;
}

/** The start of a response, up to its body. */
export function httpHead({ status = 200, headers = {} }: HttpText): string {
  const all = { "content-type": "application/json", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
}

function sizeOf(body: string): string {
  return String(Buffer.byteLength(body));
}
