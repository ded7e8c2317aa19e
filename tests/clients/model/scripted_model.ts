import { at } from "../../mcp/wire.ts";
import type { Dialect, ModelEvent, ToolCall } from "./dialect.ts";

/** A server in place of a vendor's: its model makes one call, and ends its turn. */
export interface ScriptedModel extends AsyncDisposable {
  /** Without a path. */
  readonly origin: string;
  /** What the model saw of the answer to its call; undefined: nothing yet. */
  readonly seen: () => string | undefined;
}

/** Serves a model on 127.0.0.1. */
export function serveModel(dialect: Dialect, call: ToolCall): ScriptedModel {
  let seen: string | undefined;
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async function answer(request) {
      if (request.method !== "POST" || !dialect.path.test(new URL(request.url).pathname)) {
        await request.body?.cancel();
        return new Response(null, { status: 404 });
      }
      const body: unknown = await request.json();
      // Without tools: the client asks for a title.
      if (at(body, "tools", 0) === undefined) return stream(dialect.end());
      const result = dialect.resultIn(body);
      if (result === undefined) return stream(dialect.ask(call));
      seen = result;
      return stream(dialect.end());
    },
  );
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    seen: () => seen,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}

/** What a model answers, as a stream of events. */
export function stream(events: readonly ModelEvent[]): Response {
  const texts = events.map(([name, data]) => {
    const line = `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
    return name === null ? line : `event: ${name}\n${line}`;
  });
  return new Response(texts.join(""), { headers: { "content-type": "text/event-stream" } });
}
