import { z } from "zod";

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

/** The path of a file or directory. */
export function pathArgument(description: string) {
  return wordArgument(description).min(1, "it is empty").describe(description);
}
