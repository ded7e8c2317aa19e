import { z } from "zod";
import type { GuardedPath } from "../guard.ts";
import type { Procedure } from "../script.ts";
import { refuseProcedure } from "./refuse.ts";
import { type NewContent, NO_FILE, writeFileProcedure } from "../write_file.ts";

/** The condition under which a file is written. */
export const ifSha256Argument = z.string().transform((text) => text.toLowerCase())
  .refine(
    (text) => text === NO_FILE || /^[0-9a-f]{64}$/.test(text),
    `it is neither 64 hexadecimal digits nor "${NO_FILE}"`,
  );

/** How a file is written, beside its path and its content. */
export const writeArguments = {
  encoding: z.enum(["base64"]).describe("Of content").optional(),
  if_sha256: ifSha256Argument.describe("Hash it must have; none: no file").optional(),
  mode: z.string().refine((text) => /^[0-7]{1,4}$/.test(text), "it is no octal number up to 7777")
    .describe("Octal").optional(),
};

/** How a caller wants a file to be written. */
export type WriteWishes = z.output<z.ZodObject<typeof writeArguments>>;

/** Whether there is more to a write than its content. */
export function hasWishes({ encoding, if_sha256, mode }: WriteWishes): boolean {
  return encoding !== undefined || if_sha256 !== undefined || mode !== undefined;
}

/** Writes a file as its caller wishes: over ssh, and on the agent. */
export function writeAsWishedProcedure(
  { path, content: text, encoding, if_sha256: condition, mode }: WriteWishes & {
    readonly path: string;
    readonly content: string;
  },
  guarded?: GuardedPath,
): Procedure {
  const content = encoding === undefined ? new TextEncoder().encode(text) : decodeBase64(text);
  if (content === null) return refuseProcedure("write", path, "the content is not base64");
  const write: NewContent = {
    path,
    content,
    replaces: condition ?? null,
    mode: mode ?? null,
    showsHash: true,
  };
  return writeFileProcedure(guarded === undefined ? write : { ...write, guarded });
}

function decodeBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
