import { z } from "zod";
import { MAX_TIMEOUT_SECONDS } from "./shell.ts";

/** A text of Unicode characters, of any length; half a surrogate pair would silently become another character. */
export function textArgument(description: string) {
  return z.string()
    .refine((text) => text.isWellFormed(), "it holds half of a surrogate pair")
    .describe(description);
}

/** A path, a name or a pattern: the operating system takes none that is longer. */
export function wordArgument(description: string) {
  return systemText(description, 4_096);
}

/** A command for a shell. */
export function commandArgument(description: string) {
  return systemText(description, 512 * 1024);
}

/** A text without a NUL character, of so many characters. */
export function systemText(description: string, maxChars: number) {
  return textArgument(description)
    .max(maxChars, `it has more than ${maxChars} characters`)
    .refine((text) => !text.includes("\0"), "it holds a NUL character")
    .describe(description);
}

/** How long a command may run, in whole seconds. */
export function timeoutArgument(description: string) {
  return z.int().min(1, "it is not above 0")
    .max(MAX_TIMEOUT_SECONDS, `it is above ${MAX_TIMEOUT_SECONDS} s`)
    .describe(description);
}
