import { z } from "zod";
import { alternatives } from "../../base/text/alternatives.ts";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import type { ConfirmRule } from "../../fleet/confirm.ts";
import { COMMAND_TOOL, TEXT_RUNNERS } from "../../fleet/rules.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import type { Labels } from "./labels.ts";
import { schemaProblems, toolName } from "./schema.ts";

/** Who may be asked. */
const ASKED = ["client", "operator"] as const;
/** Probes hosts, and does nothing there. */
const NEVER = "remote_list_hosts";
const HOSTS_RULE = "must be a whole number of hosts, 1 or more";

const label = z.string({ error: "must be a text in quotes" });

/** `[[confirm]]`. */
export const confirmSchema = z.strictObject({
  tools: z.array(toolName, { error: "must be a list of tools" })
    .nonempty("must not be empty: leave it out for all tools that change something")
    .refine((tools) => !tools.includes(NEVER), `must not name ${NEVER}, which changes nothing`)
    .optional(),
  hosts: z.array(label, { error: "must be a list of hosts and tags" })
    .nonempty("must not be empty: leave it out for all hosts").optional(),
  tags: z.array(label, { error: "must be a list of tags" })
    .nonempty("must not be empty: leave it out for all hosts").optional(),
  min_hosts: z.int({ error: HOSTS_RULE }).min(1, HOSTS_RULE).optional(),
  by: z.enum(ASKED, { error: `must be ${alternatives(ASKED)}` }).optional(),
}, { error: "must be a table: [[confirm]]" });

/** The rules without error, and all that is wrong with them. */
export interface ReadConfirm {
  readonly confirm: readonly ConfirmRule[];
  readonly problems: readonly Problem[];
}

/** Reads `[[confirm]]`. */
export function readConfirm(
  { confirm: entries = [] }: RegistryContent,
  context: { readonly path: string; readonly labels: Labels },
): ReadConfirm {
  const results = entries.map((entry) => readRule(entry, context));
  return {
    confirm: results.flatMap(({ rule }) => rule ?? []),
    problems: results.flatMap(({ problems }) => problems),
  };
}

function readRule(
  { fields, locate }: RegistryEntry,
  { path: source, labels }: { readonly path: string; readonly labels: Labels },
): { readonly rule: ConfirmRule | null; readonly problems: readonly Problem[] } {
  const checked = confirmSchema.safeParse(fields);
  if (!checked.success) {
    const explainUnknown = (name: string) =>
      `unknown field${didYouMean(name, Object.keys(confirmSchema.shape))}`;
    return {
      rule: null,
      problems: schemaProblems(checked.error, { source, locate, explainUnknown }),
    };
  }
  const { tools, hosts, tags, min_hosts: minHosts, by = "client" } = checked.data;
  const problems: Problem[] = [];
  const report = (severity: Problem["severity"], path: readonly string[], message: string) =>
    problems.push({ severity, source, ...locate(path), message });
  if ([tools, hosts, tags, minHosts].every((field) => field === undefined)) {
    report(
      "error",
      [],
      `names nothing: set ${alternatives(["tools", "hosts", "tags", "min_hosts"])}`,
    );
  }
  const named = [
    ...(hosts ?? []).map((text, at) => ({ field: "hosts", text, at })),
    ...(tags ?? []).map((text, at) => ({ field: "tags", text: `@${text.replace(/^@/, "")}`, at })),
  ].map(({ field, text, at }) => ({ field, at, ...labels(text) }));
  for (const { field, at, fault, advice } of named) {
    if (fault !== null) report("error", [field], `item ${at + 1} ${fault}`);
    if (advice !== null) report("warning", [field], `item ${at + 1} ${advice}`);
  }
  const left = findWayAround(tools);
  if (left.length > 0) {
    report("warning", ["tools"], `leaves out ${left.join(", ")}, which can do the same`);
  }
  if (problems.some(({ severity }) => severity === "error")) return { rule: null, problems };
  const all = named.flatMap((meaning) => meaning.hosts);
  return {
    rule: {
      tools: tools === undefined ? null : new Set(tools),
      hosts: hosts === undefined && tags === undefined ? null : new Set(all),
      minHosts: minHosts ?? 1,
      asked: by,
    },
    problems,
  };
}

/** The other tools that run whatever text they are given, if a rule names one of them. */
function findWayAround(tools: readonly string[] = []): readonly string[] {
  const runners = [COMMAND_TOOL, ...TEXT_RUNNERS].filter((tool) => tool !== "remote_call_tool");
  return runners.some((tool) => tools.includes(tool))
    ? runners.filter((tool) => !tools.includes(tool))
    : [];
}
