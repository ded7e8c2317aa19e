import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Redact } from "../base/text/redact.ts";
import type { Confirm } from "../calls/intent.ts";
import type { CallRecord } from "../calls/record.ts";
import { type Effects, toAnnotations } from "./annotations.ts";
import { describeProblems } from "./arguments/problems.ts";
import { createArgumentReader } from "./arguments/reader.ts";
import { maxMessageBytesOf } from "./arguments/message_size.ts";
import { toInputSchema, toOutputSchema } from "./json/schema.ts";
import type { GivenInput } from "./input.ts";
import type { JsonObject } from "./message.ts";
import type { Room } from "./room.ts";

export type { CallToolResult };

/** Who calls, and how to reach them while a call runs. */
export interface CallContext {
  /** Aborted when the caller cancels, disconnects (where that cancels) or the server stops. */
  readonly signal: AbortSignal;
  /** Name of the token the caller presented; `anonymous` where none is asked for. */
  readonly principal: string;
  /** W3C trace context to pass on; null where there is none. */
  readonly traceparent: string | null;
  /** Sends the caller the newest line of output, now and then; null: it did not ask. */
  readonly reportProgress: ((line: string) => void) | null;
  /** The request's `_meta`; `{}` where it had none. */
  readonly meta: JsonObject;
  /** What the client's user has answered; absent: nothing was asked. */
  readonly input?: GivenInput;
  /** Asked once all is known of what the call is to do. Absent: nobody is to be asked. */
  readonly confirm?: Confirm;
  /** What is known of this call; a tool adds the deliveries it makes. */
  readonly record: CallRecord;
  /** For what is too long to be held without asking. */
  readonly room: Room;
  /**
   * Says that what the tool returns is not the end of its call, which goes on until `rest` settles,
   * whether or not the client is still there. Returns what ends the call then.
   */
  readonly goOn: (rest: Promise<CallToolResult>) => () => void;
  /** Hides what the caller must not learn, in a text that the tool itself cuts. Absent: nothing is. */
  readonly redact?: Redact;
  /** Notes how far the call has come, in a few words, for its caller to ask. Absent: nobody can. */
  readonly noteState?: (state: string) => void;
  /** Takes the shorter form of the tool's answer. Absent: it is not needed. */
  readonly offerShorter?: (answer: ShorterAnswer) => void;
}

/** The answer of a tool that knows best what to leave out of it, where it may not be as long as it is. */
export interface ShorterAnswer {
  /** In about so many characters. */
  readonly text: (maxChars: number) => string;
  /** `structuredContent` whose texts have so many characters each, at most. */
  readonly structure: (maxChars: number) => JsonObject;
}

/** Hints beyond those of MCP: Claude Code loads most tools only when it has searched for them. */
export interface ToolMeta {
  /** Words to find the tool by, beside those of its name and description. */
  readonly "anthropic/searchHint"?: string;
  /** The tool is loaded without a search. */
  readonly "anthropic/alwaysLoad"?: true;
}

/** A tool as the server sees it: its definition on the wire, and a function to run it. */
export interface Tool {
  readonly name: string;
  /** Absent: the one among the annotations is all there is. */
  readonly title?: string;
  readonly description: string;
  /** JSON Schema 2020-12, `type: "object"`. */
  readonly inputSchema: Record<string, unknown>;
  /** JSON Schema 2020-12, `type: "object"`; absent: the tool has no `structuredContent`. */
  readonly outputSchema?: Record<string, unknown>;
  /** Longest message of a call. */
  readonly maxMessageBytes: number;
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** The hints that clients are given of its effects. */
  readonly annotations: ToolAnnotations;
  /** Sent to clients as `_meta`. */
  readonly meta?: ToolMeta;
  /** Client capabilities (`{ sampling: {} }`) without which a modern client is refused with -32021. */
  readonly requires?: JsonObject;
  /** Validates, then runs. Bad arguments cause a result with `isError`, never an exception. */
  readonly call: (
    args: Readonly<Record<string, unknown>>,
    context: CallContext,
  ) => Promise<CallToolResult>;
}

/** What `defineTool()` is given. */
export interface ToolDefinition<Input extends z.ZodObject> extends Effects {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly meta?: ToolMeta;
  readonly input: Input;
  readonly output?: z.ZodObject;
  readonly run: (args: z.output<Input>, context: CallContext) => Promise<CallToolResult>;
}

/**
 * A tool from its definition. The JSON Schemas are made once, here. Unknown arguments pass where
 * `input` is loose; `createArgumentReader()` says what else is accepted. A tool that declares
 * `output` and succeeds without `structuredContent` throws a `TypeError`: a bug of the tool.
 */
export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): Tool {
  const { name, title, description, meta, readOnly, input, output, run } = definition;
  // Some clients show only the title that is among the annotations.
  const annotations = { title, ...toAnnotations(definition) };
  const inputSchema = toInputSchema(input);
  const needsHost = input.shape.host !== undefined && !accepts(input.shape.host, undefined);
  const dropsNull = new Set(
    Object.entries(input.shape)
      .filter(([, type]) => accepts(type, undefined) && !accepts(type, null))
      .map(([key]) => key),
  );
  const readArguments = createArgumentReader({ inputSchema, dropsNull });

  async function validateAndRun(args: JsonObject, context: CallContext): Promise<CallToolResult> {
    if (needsHost && isMissing(args.host)) return errorResult("Error: missing `host` parameter");
    const parsed = input.safeParse(readArguments(args), { reportInput: true });
    if (!parsed.success) return errorResult(describeProblems(parsed.error.issues, inputSchema));
    const result = await run(parsed.data, context);
    if (output && !result.isError && result.structuredContent === undefined) {
      throw new TypeError(
        `Tool "${name}" declares an output schema but gave no structured content`,
      );
    }
    return result;
  }

  return {
    name,
    title,
    description,
    inputSchema,
    ...(output && { outputSchema: toOutputSchema(output) }),
    maxMessageBytes: maxMessageBytesOf(inputSchema),
    readOnly,
    annotations,
    ...(meta && { meta }),
    call: validateAndRun,
  };
}

/** A result that explains to the caller, mostly a model, what failed and what to do. */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function accepts(type: z.core.$ZodType, value: unknown): boolean {
  return z.safeParse(type, value).success;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
