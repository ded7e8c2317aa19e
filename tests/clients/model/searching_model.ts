import { at } from "../../mcp/wire.ts";
import { anthropic } from "./anthropic.ts";
import { stream } from "./scripted_model.ts";

/** A server in place of Anthropic's: its model has its client search for tools, and ends its turn. */
export interface SearchingModel extends AsyncDisposable {
  /** Without a path. */
  readonly origin: string;
  /** The tools that the model can call before it has searched for any. */
  readonly loaded: () => readonly string[];
  /** The tools that each search found, best first. */
  readonly found: () => readonly (readonly string[])[];
}

/** Serves a model that asks these questions, one after the other, on 127.0.0.1. */
export function serveSearchingModel(questions: readonly string[]): SearchingModel {
  let loaded: readonly string[] = [];
  let found: readonly (readonly string[])[] = [];
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async function answer(request) {
      if (request.method !== "POST" || !anthropic.path.test(new URL(request.url).pathname)) {
        await request.body?.cancel();
        return new Response(null, { status: 404 });
      }
      const body: unknown = await request.json();
      const tools = [at(body, "tools") ?? []].flat();
      if (tools.length === 0) return stream(anthropic.end());
      found = searchesIn(body);
      if (found.length === 0) loaded = namesIn(tools, "name");
      const index = found.length;
      const query = questions[index];
      if (query === undefined) return stream(anthropic.end());
      return stream(anthropic.ask({ name: "ToolSearch", args: { query }, index }));
    },
  );
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    loaded: () => loaded,
    found: () => found,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}

function searchesIn(request: unknown): readonly (readonly string[])[] {
  return [at(request, "messages")].flat()
    .flatMap((message) => at(message, "content"))
    .filter((part) => at(part, "type") === "tool_result")
    .map((result) => namesIn([at(result, "content")].flat(), "tool_name"));
}

function namesIn(parts: readonly unknown[], key: string): readonly string[] {
  return parts.map((part) => at(part, key)).filter((name) => typeof name === "string");
}
