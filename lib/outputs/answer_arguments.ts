import { z } from "zod";
import { describeProblems } from "../mcp/arguments/problems.ts";
import { createArgumentReader } from "../mcp/arguments/reader.ts";
import { toInputSchema } from "../mcp/json/schema.ts";
import type { JsonObject } from "../mcp/message.ts";
import { type CallContext, type CallToolResult, errorResult, type Tool } from "../mcp/tool.ts";

/** How long an answer may be, for any tool that has one. */
export const maxCharsArgument = z.int().min(0).describe(
  "0: unlimited",
);

/** How a call wants to be answered, whatever it does. */
const answerArguments = {
  max_chars: maxCharsArgument.optional(),
  wait: z.int().min(0).max(86_400).describe(
    "Seconds, then you get an id; 0: never",
  ).optional(),
};

/** The names of these arguments. */
export type AnswerArgument = keyof typeof answerArguments;

/** Their values; undefined: not given. */
export interface AnswerWishes {
  readonly max_chars?: number | undefined;
  readonly wait?: number | undefined;
}

/** Calls a tool with the arguments that are its own. */
export type CallWithWishes = (
  args: JsonObject,
  wishes: AnswerWishes,
  context: CallContext,
) => Promise<CallToolResult>;

/** The tool with further arguments, which it does not know of itself: `call` is given them apart. */
export function withAnswerArguments(
  tool: Tool,
  names: readonly AnswerArgument[],
  call: CallWithWishes,
): Tool {
  const schema = z.object(
    Object.fromEntries(names.map((name) => [name, answerArguments[name]])),
  );
  const inputSchema = toInputSchema(schema);
  const readArguments = createArgumentReader({ inputSchema, dropsNull: new Set(names) });
  return {
    ...tool,
    inputSchema: {
      ...tool.inputSchema,
      properties: { ...Object(tool.inputSchema.properties), ...Object(inputSchema.properties) },
    },
    call(args, context) {
      if (!names.some((name) => Object.hasOwn(args, name))) return call(args, NO_WISHES, context);
      const [wishes, others] = split(args, names);
      const parsed = schema.safeParse(readArguments(wishes), { reportInput: true });
      return parsed.success
        ? call(others, parsed.data, context)
        : Promise.resolve(errorResult(describeProblems(parsed.error.issues, inputSchema)));
    },
  };
}

const NO_WISHES: AnswerWishes = {};

function split(args: JsonObject, names: readonly string[]): [JsonObject, JsonObject] {
  const entries = Object.entries(args);
  const isWish = ([name]: readonly [string, unknown]) => names.includes(name);
  return [
    Object.fromEntries(entries.filter(isWish)),
    Object.fromEntries(entries.filter((entry) => !isWish(entry))),
  ];
}
