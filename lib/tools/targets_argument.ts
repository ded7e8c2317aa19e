import { z } from "zod";
import { MAX_EXPRESSION_CHARS } from "../targets/expression.ts";

/** Which hosts a call is about: a text; a list means all that its items do. */
export const targetsArgument = z.preprocess(
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value.join("\n")
      : value,
  z.string().max(MAX_EXPRESSION_CHARS),
).meta({
  type: "string",
  description: "Hosts: names, web*, web[01-20], @tag, @all; & also in, ! not in",
});
