import { foreignText } from "../base/text/foreign_text.ts";
import type { Redact } from "../base/text/redact.ts";
import { type CallRecord, hostsOf } from "../calls/record.ts";
import { type Via, VIAS } from "../fleet/transport.ts";
import { foldNames } from "../targets/fold_names.ts";
import type { PastCall } from "./reader.ts";

/** Characters of what a client, or a host, has said. */
const MAX_TEXT = 160;
/** Characters of names of hosts. */
const MAX_HOSTS = 400;
/** Names of hosts of one call. */
const MAX_NAMES = 1_000;
/** How much of a longer text is looked at. */
const MAX_READ = 4_096;

/** What knows the names that need not be kept once more for each call. */
export interface KnownNames {
  /** The registry's own text of a host's name; undefined: there is no such host. */
  readonly hostName: (name: string) => string | undefined;
  /** The hub's own text of a tool's name; undefined: there is no such tool. */
  readonly toolName: (name: string) => string | undefined;
  /** Hides the secrets that are known now. */
  readonly redact: Redact;
}

/** What is to be kept of a call that has ended just now: bounded, and nothing of its contents. */
export function toPastCall(call: CallRecord, endedAt: number, known: KnownNames): PastCall {
  const { client, deliveries } = call;
  const names = hostsOf(call).slice(0, MAX_NAMES).map((name) =>
    known.hostName(name) ?? cut(name, known)
  );
  const reason = call.ended ?? deliveries.find(hasFallenBack)?.fallbackReason ?? null;
  return {
    id: call.requestId,
    principal: call.principal,
    client: client && cut(`${client.name} ${client.version}`.trimEnd(), known),
    tool: known.toolName(call.tool) ?? cut(call.tool, known),
    hosts: fold(names, known),
    names,
    endedAt,
    durationMs: call.durationMs,
    outcome: call.outcome,
    via: transportsOf(call),
    reason: reason && cut(reason, known),
    exitCode: deliveries.length === 1 ? deliveries[0]?.exitCode ?? null : null,
  };
}

const hasFallenBack = ({ fallbackReason }: CallRecord["deliveries"][number]) =>
  fallbackReason !== null;

/** A short text stays as it is: on the hot path of calls, not each is searched for secrets. */
export function cut(text: string, { redact }: Pick<KnownNames, "redact">): string {
  return text.length <= MAX_TEXT ? text : foreignText(redact(text.slice(0, MAX_READ)), MAX_TEXT);
}

/** A host of the registry has a name that means itself. */
function fold(names: readonly string[], { hostName }: KnownNames): string {
  const [first] = names;
  if (first === undefined) return "";
  if (names.length === 1 && hostName(first) !== undefined) return first;
  return foreignText(foldNames(names), MAX_HOSTS);
}

const NONE: readonly Via[] = [];
const ONE = { lmcp: ["lmcp"], nats: ["nats"], ssh: ["ssh"] } as const;

function transportsOf({ deliveries }: CallRecord): readonly Via[] {
  let first: Via | null = null;
  for (const { via } of deliveries) {
    if (via === null || via === first) continue;
    if (first !== null) return VIAS.filter((name) => deliveries.some(({ via }) => via === name));
    first = via;
  }
  return first === null ? NONE : ONE[first];
}
