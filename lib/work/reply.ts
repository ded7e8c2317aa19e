import type { JsonObject } from "../mcp/message.ts";
import type { CallToolResult } from "../mcp/tool.ts";

/** What a tool's work came to: the same, whichever transport did it. */
export interface Reply {
  /** The answer's text, or why the tool failed. */
  readonly text: string;
  /** Why the tool failed, without the word `Error`; null: it did not. */
  readonly failure: string | null;
  /** The agent's structured answer, which is the same over ssh; null: there is none. */
  readonly structured: JsonObject | null;
  /** What was read, as it is where that is no text; whoever has it disposes of it. Absent: nothing, or over HTTP. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** All content blocks of a backend's answer; absent: `text` is all there is. */
  readonly content?: CallToolResult["content"];
  /** How the Lua hub words the same over ssh, byte for byte; absent: as `text` does. */
  readonly legacy?: LegacyText;
}

/** A text of the Lua hub: an answer, or the reason of an error. */
export type LegacyText = { readonly answer: string } | { readonly error: string };
