import type { Host } from "../../fleet/host.ts";
import type { NamedCommand } from "../../work/commands/named_command.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import type { Access } from "../access.ts";
import { resolveHosts } from "../targets_argument.ts";
import { parseBatchSizes, splitIntoBatches } from "./batches.ts";
import type { RunArgs } from "./input.ts";

/** Characters of the names of hosts that are more or fewer than expected. */
const MAX_NAMES_CHARS = 1_000;

/** The hosts of a run in their order, or why it may not be. */
export type Chosen =
  | {
    readonly kind: "chosen";
    readonly hosts: readonly Host[];
    readonly batches: readonly (readonly Host[])[];
  }
  | { readonly kind: "refused"; readonly reason: string };

/** Finds the hosts that a call names, whether or not its caller may run anything on them. */
export function chooseHosts(
  { targets, expect, batch, max_fail }: RunArgs,
  principal: string,
  access: Access,
): Chosen {
  const resolved = resolveHosts(targets, access.hostsFor(principal));
  if (resolved.kind === "refused") return resolved;
  const hosts = resolved.targets;
  if (expect !== undefined && hosts.length !== expect) {
    const names = namesWithin(hosts.map(({ name }) => name), MAX_NAMES_CHARS);
    const count = hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
    return { kind: "refused", reason: `\`targets\` is ${count}, not ${expect}: ${names}` };
  }
  if (batch === undefined && max_fail !== undefined) {
    return { kind: "refused", reason: "`max_fail` counts between batches: give `batch`, too" };
  }
  const sizes = batch === undefined ? null : parseBatchSizes(batch);
  return {
    kind: "chosen",
    hosts,
    batches: sizes === null ? [hosts] : splitIntoBatches(hosts, sizes),
  };
}

/** Why a caller may not run something on a host; null: it may. */
export function findRefusal(
  host: Host,
  { principal, access, named }: {
    readonly principal: string;
    readonly access: Access;
    /** Null: what the caller has written. */
    readonly named: NamedCommand | null;
  },
): string | null {
  return access.findRefusal(principal, {
    tool: "remote_run",
    host,
    ...(named && { command: named }),
  });
}
