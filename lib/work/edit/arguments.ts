import { Buffer } from "node:buffer";
import { z } from "zod";
import { textArgument } from "../arguments.ts";
import type { Edit } from "./apply.ts";

const MAX_EDITS = 100;

const wellFormed = z.string()
  .refine((text) => text.isWellFormed(), "it holds half of a surrogate pair");

/** What to replace by what, and in which content; as many edits as a caller likes. */
export const editsArguments = {
  old_string: textArgument("Exact text that occurs once").optional(),
  new_string: textArgument("Text to put in its place").optional(),
  replace_all: z.boolean().optional().describe("Replace every occurrence"),
  edits: z.array(z.object({
    old_string: wellFormed.refine((text) => text !== "", "it is empty"),
    new_string: wellFormed,
    replace_all: z.boolean().optional(),
  })).refine(
    ({ length }) => length > 0 && length <= MAX_EDITS,
    `it does not have 1 to ${MAX_EDITS} edits`,
  ).describe("Instead: several, all or none").optional(),
  if_sha256: z.string().refine(
    (text) => /^[0-9a-f]{64}$/i.test(text),
    "it is no SHA-256 in hexadecimal digits",
  ).describe("Edit only this content").optional(),
};

/** The arguments as a caller gave them. */
export type EditsArguments = z.output<z.ZodObject<typeof editsArguments>>;

/** Whether more is asked for than one edit of whatever is there. */
export function isMore({ edits, if_sha256 }: EditsArguments): boolean {
  return edits !== undefined || if_sha256 !== undefined;
}

/** Adds what is wrong with the arguments together: there is one edit, or a list of them. */
export function checkEdits(context: z.core.ParsePayload<EditsArguments>): void {
  const { edits, old_string, new_string, replace_all } = context.value;
  const report = (name: string, input: unknown, message: string) =>
    context.issues.push({ code: "custom", path: [name], input, message });
  if (edits === undefined) {
    if (old_string === undefined) report("old_string", undefined, "it is missing");
    if (new_string === undefined) report("new_string", undefined, "it is missing");
  } else if (old_string !== undefined || new_string !== undefined || replace_all !== undefined) {
    report("edits", edits, "it is a list of all edits, beside which there is no other");
  }
}

/** The edits that are asked for. */
export function editsOf({ edits, old_string, new_string, replace_all }: EditsArguments): Edit[] {
  return edits ?? [{ old_string: old_string ?? "", new_string: new_string ?? "", replace_all }];
}

/** The size of all their strings, in bytes. */
export function sizeOfEdits(args: EditsArguments): number {
  return editsOf(args).reduce(
    (sum, { old_string, new_string }) => sum + Buffer.byteLength(old_string + new_string),
    0,
  );
}
