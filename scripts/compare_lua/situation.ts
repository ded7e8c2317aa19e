import type { JsonObject } from "../../lib/mcp/message.ts";

/** A call to make to both hubs. */
export interface Situation {
  /** What is special about it. */
  readonly name: string;
  readonly tool: string;
  readonly args: JsonObject;
}

/** What both hubs said in the same situation. */
export interface Comparison {
  /** The tool, or the program's mode. */
  readonly subject: string;
  readonly situation: string;
  /** The Lua hub's text. */
  readonly lua: string;
  /** This hub's text. */
  readonly own: string;
}
