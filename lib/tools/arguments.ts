import { z } from "zod";

/** The `host` argument of every remote tool. */
export const hostArgument = z.string().describe(
  "Name of the backend host (see remote_list_hosts)",
);

/** A text that goes into a shell script or a path, where a NUL character has no place. */
export function textArgument(description: string): z.ZodString {
  return z.string().refine((text) => !text.includes("\0"), "must not hold a NUL character")
    .describe(description);
}
