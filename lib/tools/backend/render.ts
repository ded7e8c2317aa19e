import type { FoldedTool, SchemaText } from "./fold.ts";
import type { Listing, SilentHost } from "./listing.ts";

/** Characters of the tools in a text; the first is shown whole all the same. */
const MAX_CHARS = 20_000;
/** Names of hosts for each tool. */
const MAX_NAMES = 8;
/** Names of hosts for each reason why they gave no answer. */
const MAX_SILENT_NAMES = 100;

/** A listing for a model to read; with `showsCalls` it says where tools may be called. */
export function listingText(
  { tools, noAnswer, none, unusable }: Listing,
  { showsCalls }: { readonly showsCalls: boolean },
): string {
  const entries: string[] = [];
  let chars = 0;
  for (const tool of tools) {
    const entry = entryText(tool, showsCalls);
    chars += entry.length;
    if (entries.length > 0 && chars > MAX_CHARS) break;
    entries.push(entry);
  }
  const more = tools.length - entries.length;
  return [
    ...(entries.length > 0 ? entries : [none]),
    ...(more > 0 ? [`${more} more: narrow the list with query or host`] : []),
    ...(noAnswer.length > 0 ? [`no answer: ${silentText(noAnswer)}`] : []),
    ...(unusable > 0 ? [`left out, for names that cannot be called or too many: ${unusable}`] : []),
  ].join("\n");
}

function entryText(tool: FoldedTool, showsCalls: boolean): string {
  const { name, description, schema, hosts } = tool;
  const count = hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
  const calls = showsCalls ? callsText(tool) : "";
  return [
    `${name}: ${namesText(hosts, MAX_NAMES)} (${count}${calls})`,
    ...(description === "" ? [] : [`  ${description}`]),
    ...(schema === null ? [] : [`  input schema: ${schemaText(schema)}`]),
  ].join("\n");
}

function callsText({ hosts, callableOn }: FoldedTool): string {
  if (callableOn.length === hosts.length) return "";
  if (callableOn.length === 0) return "; calls not allowed";
  return `; calls allowed on ${callableOn.length}: ${namesText(callableOn, MAX_NAMES)}`;
}

function schemaText(schema: SchemaText): string {
  switch (schema.kind) {
    case "json":
      return schema.json;
    case "too_long":
      return `too long to show, ${schema.chars} characters`;
    case "none":
      return "none is given";
  }
}

function silentText(hosts: readonly SilentHost[]): string {
  const byReason = Map.groupBy(hosts, ({ error }) => error);
  return [...byReason].map(([reason, silent]) =>
    `${namesText(silent.map(({ host }) => host), MAX_SILENT_NAMES)} (${reason})`
  ).join("; ");
}

function namesText(names: readonly string[], max: number): string {
  const more = names.length - max;
  return more <= 0 ? names.join(", ") : `${names.slice(0, max).join(", ")} and ${more} more`;
}
