import { z } from "zod";
import { MAX_EXPRESSION_CHARS } from "../../targets/expression.ts";
import { systemText } from "../../work/arguments.ts";

const MAX_PATH = 4_096;

/** The arguments of `remote_copy`. */
export const copyInput = z.strictObject({
  from: systemText("host:path", 256 + MAX_PATH),
  to: systemText(
    "targets:path, as web[01-20]:/opt/; a last / : into it",
    MAX_EXPRESSION_CHARS + MAX_PATH,
  ),
  dry_run: z.boolean().describe("Only the plan").optional(),
});

/** They as a caller gave them. */
export type CopyArgs = z.output<typeof copyInput>;

/** What stands before and behind the first colon. */
export interface Place {
  readonly hosts: string;
  readonly path: string;
}

/** Splits `hosts:path`; null: it is none. */
export function parsePlace(text: string): Place | null {
  const colon = text.indexOf(":");
  const [hosts, path] = [text.slice(0, colon).trim(), text.slice(colon + 1)];
  return colon === -1 || hosts === "" || path === "" ? null : { hosts, path };
}

/** The path that is made: below a path that ends in `/` it has the source's name. Null: that has none. */
export function targetPath(from: string, to: string): string | null {
  const name = from.replace(/\/+$/, "").split("/").at(-1) ?? "";
  if (!to.endsWith("/")) return to;
  return from === "~" || ["", ".", ".."].includes(name) ? null : to + name;
}
