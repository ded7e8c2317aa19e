import type { Asked } from "../approvals/store.ts";
import { hostsOfIntent, type Intent, type ToolUse } from "../calls/intent.ts";

/** Which calls wait for a person. What is null matches all. */
export interface ConfirmRule {
  /** Names of tools; null: those that change something. */
  readonly tools: ReadonlySet<string> | null;
  /** Names of hosts. */
  readonly hosts: ReadonlySet<string> | null;
  /** A call that is about fewer of them runs at once. */
  readonly minHosts: number;
  readonly asked: Asked;
}

/** Who is to be asked about what a call is to do; null: nobody. The operator beats the client. */
export function findAsked(rules: readonly ConfirmRule[], intent: Intent): Asked | null {
  const asked = rules.filter((rule) => applies(rule, intent)).map((rule) => rule.asked);
  if (asked.includes("operator")) return "operator";
  return asked.length > 0 || intent.command?.mustBeConfirmed === true ? "client" : null;
}

function applies({ tools, hosts, minHosts }: ConfirmRule, { uses }: Intent): boolean {
  const isMeant = ({ tool, readOnly }: ToolUse) => tools === null ? !readOnly : tools.has(tool);
  const meant = hostsOfIntent({ uses: uses.filter(isMeant) });
  return meant.filter((host) => hosts === null || hosts.has(host)).length >= minHosts;
}
