import type { JsonObject } from "./message.ts";

/** What a server offers beyond MCP, under names with a prefix of its own. */
export interface Extension {
  /** The `_meta` of the answers to `initialize` and `server/discover`. Never rejects. */
  readonly announce: () => Promise<JsonObject>;
  /** Further methods: the result of a request with such params; the signal says that nobody waits. */
  readonly methods: ReadonlyMap<
    string,
    (params: JsonObject, gone: AbortSignal) => Promise<JsonObject>
  >;
}
