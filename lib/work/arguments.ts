import { z } from "zod";
import { MAX_TIMEOUT_SECONDS } from "./shell.ts";

/** A text of Unicode characters; half a surrogate pair would silently become another character. */
export function textArgument(description: string) {
  return z.string()
    .refine((text) => text.isWellFormed(), "it holds half of a surrogate pair")
    .describe(description);
}

/** A text for the operating system or a shell, neither of which can hold a NUL character. */
export function wordArgument(description: string) {
  return textArgument(description)
    .refine((text) => !text.includes("\0"), "it holds a NUL character")
    .describe(description);
}

/** How long a command may run, in whole seconds. */
export function timeoutArgument(description: string) {
  return z.int().positive("it is not above 0")
    .max(MAX_TIMEOUT_SECONDS, `it is above ${MAX_TIMEOUT_SECONDS} s`)
    .describe(description);
}
