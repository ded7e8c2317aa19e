import { z } from "zod";
import type { Host, HostList } from "../fleet/host.ts";
import { MAX_EXPRESSION_CHARS, type Resolved, resolveTargets } from "../targets/expression.ts";
import { byName } from "./hosts/entry.ts";

/** Which hosts a call is about: a text; a list means all that its items do. */
export const targetsArgument = z.preprocess(
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value.join("\n")
      : value,
  z.string().max(MAX_EXPRESSION_CHARS),
).meta({
  type: "string",
  description: "web1, web*, web[01-20], @tag, @all; & also in, ! not in",
});

/** The hosts that an expression means, of those that its caller may see, by name. */
export function resolveHosts(expression: string, { hosts, groups }: HostList): Resolved<Host> {
  return resolveTargets(expression, { all: byName(hosts.values()), groups });
}

/** What a caller who may see no host gets a list of. */
export const NO_TARGETS: Resolved<Host> = { kind: "targets", targets: [] };
