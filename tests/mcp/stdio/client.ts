import assert from "node:assert/strict";
import { createServer, type ServerOptions } from "../../../lib/mcp/server.ts";
import { serveStdio } from "../../../lib/mcp/stdio.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";

const encoder = new TextEncoder();

/** A client that holds both ends: what it sends, and what it was answered. */
export function connect(
  tools: readonly Tool[],
  options: Partial<ServerOptions> & { readonly drainMs?: number } = {},
) {
  const { drainMs = 20 } = options;
  const server = createServer({
    name: "s",
    version: "1",
    tools: () => tools,
    log() {},
    ...options,
  });
  const toServer = new TransformStream<Uint8Array, Uint8Array>();
  const fromServer = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const writer = toServer.writable.getWriter();
  const stop = new AbortController();
  const ended = serveStdio({
    server,
    input: toServer.readable,
    output: fromServer.writable,
    principal: "ann",
    signal: stop.signal,
    maxLineBytes: 5_000,
    drainMs,
  });
  const answers = fromServer.readable.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  async function receive(): Promise<unknown> {
    while (!text.includes("\n")) {
      const { done, value } = await answers.read();
      assert.ok(!done, "the output ended");
      text += value;
    }
    const [line = "", ...rest] = text.split("\n");
    text = rest.join("\n");
    return JSON.parse(line);
  }

  const sendText = (line: string | Uint8Array) =>
    writer.write(typeof line === "string" ? encoder.encode(line) : line);
  return {
    ended,
    stop,
    answers,
    server,
    receive,
    sendText,
    send: (message: unknown) => sendText(`${JSON.stringify(message)}\n`),
    end: () => writer.close(),
    close: () => fromServer.writable.close(),
  };
}
