import type { JsonObject } from "../../../lib/mcp/message.ts";
import { at } from "../../mcp/wire.ts";

/** A call that a model asks its client for. */
export interface ToolCall {
  /** As the client names it. */
  readonly name: string;
  /** What the client groups its tools by, where it does. */
  readonly namespace?: string;
  readonly args: JsonObject;
  /** Its place among the calls of a conversation; default: the first. */
  readonly index?: number;
}

/** The event of a stream: its name, if it has one, and its data. */
export type ModelEvent = readonly [string | null, unknown];

/** The API of a vendor's models, as far as one call needs it. */
export interface Dialect {
  /** The path of requests for an answer of the model. */
  readonly path: RegExp;
  /** The tool's result as the model sees it; undefined: the client has not called it yet. */
  readonly resultIn: (request: unknown) => string | undefined;
  /** The answer that asks for a call. */
  readonly ask: (call: ToolCall) => readonly ModelEvent[];
  /** The answer that ends the turn. */
  readonly end: () => readonly ModelEvent[];
}

/** A text, or the texts of a list of parts; undefined: it is neither. */
export function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  return content.map((part) => String(at(part, "text"))).join("\n");
}
