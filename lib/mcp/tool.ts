import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

export type { CallToolResult, ToolAnnotations };

/** Who calls, and how to reach them while a call runs. */
export interface CallContext {
  /** Aborted when the caller cancels, disconnects (where that cancels) or the server stops. */
  readonly signal: AbortSignal;
  /** The server's own id of this call, for logs and the audit trail. */
  readonly requestId: string;
  /** Name of the token the caller presented; `anonymous` where none is asked for. */
  readonly principal: string;
  /** What the client says of itself; null where it said nothing. */
  readonly client: { readonly name: string; readonly version: string } | null;
  /** W3C trace context to pass on; null where there is none. */
  readonly traceparent: string | null;
  /** Tells the caller the newest line of output. Cheap to call often: it is rate-limited. */
  readonly reportProgress: (line: string) => void;
}

/** A tool as the server sees it: its definition on the wire, and a function to run it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12, `type: "object"`. */
  readonly inputSchema: Record<string, unknown>;
  /** JSON Schema 2020-12, `type: "object"`; absent: the tool gives no `structuredContent`. */
  readonly outputSchema?: Record<string, unknown>;
  readonly annotations: ToolAnnotations;
  /** Validates, then runs. Bad arguments give a result with `isError`, never an exception. */
  readonly call: (
    args: Readonly<Record<string, unknown>>,
    context: CallContext,
  ) => Promise<CallToolResult>;
}

/** What `defineTool()` is given. */
export interface ToolDefinition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output?: z.ZodObject;
  readonly annotations: ToolAnnotations;
  readonly run: (args: z.output<Input>, context: CallContext) => Promise<CallToolResult>;
}
