import { z } from "zod";

/** Elements of a command, and characters of each. */
const MAX_ELEMENTS = 64;
const MAX_ELEMENT_CHARS = 1_024;
const MAX_DESCRIPTION = 200;
/** Arguments of a command. */
const MAX_ARGUMENTS = 16;
/** Values of an enumeration, and characters of each. */
const MAX_VALUES = 100;
const MAX_VALUE_CHARS = 256;
const MAX_PATTERN = 1_000;
/** Characters of an argument: four times as many bytes still fit into a call. */
const MAX_LENGTH = 16_384;
const MAX_TIMEOUT = 1_000_000;

const TIMEOUT_RULE = `must be a whole number of seconds from 1 to ${MAX_TIMEOUT}`;
const LENGTH_RULE = `must be a whole number from 1 to ${MAX_LENGTH}`;
const NUMBER_RULE = "must be a whole number";
const BOOLEAN_RULE = "must be true or false";

/** A text that can be part of a command, or its description. */
function line(maxChars: number) {
  return z.string({ error: "must be a text in quotes" })
    .max(maxChars, `must not have more than ${maxChars} characters`)
    .regex(/^\P{Cc}*$/u, "must not hold line breaks or control characters");
}

/** `[commands.NAME]`; its arguments are checked one by one. */
export const commandSchema = z.strictObject({
  run: z.array(line(MAX_ELEMENT_CHARS), {
    error: 'must be a list such as ["systemctl", "restart", "{unit}"]',
  }).nonempty("must not be empty").max(
    MAX_ELEMENTS,
    `must not have more than ${MAX_ELEMENTS} items`,
  ),
  args: z.record(z.string(), z.unknown(), {
    error: 'must be a table: args.unit = "[a-z0-9@.-]+"',
  }).refine((args) => Object.keys(args).length <= MAX_ARGUMENTS, {
    error: `must not have more than ${MAX_ARGUMENTS} arguments`,
  }).optional(),
  description: line(MAX_DESCRIPTION).optional(),
  hosts: z.array(z.string({ error: "must be a text in quotes" }), {
    error: "must be a list of hosts and tags",
  }).nonempty("must not be empty: leave it out for all hosts").optional(),
  timeout: z.int({ error: TIMEOUT_RULE }).min(1, TIMEOUT_RULE).max(MAX_TIMEOUT, TIMEOUT_RULE)
    .optional(),
  read_only: z.boolean({ error: BOOLEAN_RULE }).optional(),
  confirm: z.boolean({ error: BOOLEAN_RULE }).optional(),
}, { error: "must be a table" });

/** `[commands.NAME]`, validated. */
export type CommandFields = z.output<typeof commandSchema>;

const value = line(MAX_VALUE_CHARS);

/** An argument as a table. A pattern or a list of values can be written without one. */
export const argumentSchema = z.strictObject({
  pattern: line(MAX_PATTERN).optional(),
  max_length: z.int({ error: LENGTH_RULE }).min(1, LENGTH_RULE).max(MAX_LENGTH, LENGTH_RULE)
    .optional(),
  multiline: z.boolean({ error: BOOLEAN_RULE }).optional(),
  values: z.array(value, { error: 'must be a list of texts, such as ["on", "off"]' })
    .nonempty("must not be empty").max(MAX_VALUES, `must not have more than ${MAX_VALUES} items`)
    .optional(),
  min: z.int({ error: NUMBER_RULE }).optional(),
  max: z.int({ error: NUMBER_RULE }).optional(),
  default: z.union([value, z.int()], { error: "must be a text in quotes, or a whole number" })
    .optional(),
  optional: z.boolean({ error: BOOLEAN_RULE }).optional(),
}, {
  error: "must be a pattern in quotes, a list of values, or a table with pattern, values, or " +
    "min and max",
});

/** An argument, validated. */
export type ArgumentFields = z.output<typeof argumentSchema>;
