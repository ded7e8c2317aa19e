import { z } from "zod";
import { isSeconds, SECONDS_RULE, toMs } from "../config_seconds.ts";
import type { Problem } from "../problem.ts";
import { findLmcpUrlFault, findSshHostFault } from "./registry_address.ts";
import type { Locate } from "./registry_entry.ts";

/** The messages never quote a value, since any of them may be a misplaced token. */
const text = z.string({ error: "must be a text in quotes" });

/** A text in which a function finds no fault; the fault's words follow the field's name. */
function faultless(findFault: (text: string) => string | null) {
  return text.check((context) => {
    const message = findFault(context.value);
    if (message !== null) context.issues.push({ code: "custom", message, input: context.value });
  });
}

const nonEmpty = faultless((value) => value === "" ? "must not be empty" : null);

const tag = faultless((value) =>
  /^[^\s\p{Cc}]+$/u.test(value) ? null : "must hold tags without white space"
);

const seconds = z.number({ error: `must be ${SECONDS_RULE}` })
  .refine(isSeconds, { error: `must be ${SECONDS_RULE}` })
  .transform(toMs);

const sharedFields = {
  tags: z.array(tag, { error: 'must be a list such as ["lab", "gpu"]' }).optional(),
  connect_timeout: seconds.optional(),
  lmcp_timeout: seconds.optional(),
  ssh_timeout: seconds.optional(),
  ssh_hard_timeout: seconds.optional(),
};

/** `[defaults]`: any host field but the addresses and the token. */
export const defaultsSchema = z.strictObject(sharedFields, { error: "must be a table" });

/** `[hosts.NAME]`. Times go in as seconds and come out as milliseconds. */
export const hostSchema = z.strictObject({
  ssh_host: faultless(findSshHostFault).optional(),
  lmcp_url: faultless(findLmcpUrlFault).optional(),
  token: text.optional(),
  token_file: nonEmpty.optional(),
  token_env: faultless((value) =>
    /^LMCP_[A-Za-z0-9_]+$/.test(value) ? null : 'must name a variable that starts with "LMCP_"'
  ).optional(),
  ...sharedFields,
}, { error: "must be a table" });

/** A host's fields, checked. */
export type HostFields = z.output<typeof hostSchema>;

/** `[defaults]`, checked. */
export type DefaultFields = z.output<typeof defaultsSchema>;

/** The problems that a schema found, with their places; one for each unknown field. */
export function schemaProblems(
  error: z.ZodError,
  { source, locate, explainUnknown }: {
    readonly source: string;
    readonly locate: Locate;
    /** What to say of a field that the schema does not know. */
    readonly explainUnknown: (name: string) => string;
  },
): Problem[] {
  return error.issues.flatMap((issue): Problem[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => ({
        severity: "error",
        source,
        ...locate([...issue.path, name]),
        message: explainUnknown(name),
      }))
      : [{ severity: "error", source, ...locate(issue.path), message: issue.message }]
  );
}
