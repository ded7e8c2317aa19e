import type { ToolUse } from "../../calls/intent.ts";
import type { Host } from "../../fleet/host.ts";
import type { ToolName } from "../../fleet/rules.ts";
import type { Access } from "../access.ts";
import { findHost } from "../definition.ts";
import { resolveHosts } from "../targets_argument.ts";
import { type CopyArgs, parsePlace, targetPath } from "./place.ts";

/** From where to where. */
export interface Route {
  readonly source: Host;
  readonly from: string;
  readonly targets: readonly Host[];
  readonly to: string;
}

/** What one must be allowed at the source, and at each target. */
const AT_SOURCE: readonly ToolName[] = ["remote_read_file"];
const AT_TARGET: readonly ToolName[] = ["remote_copy", "remote_write_file"];

/** Finds the hosts that a call names; returns why it may not be, before anything is sent to them. */
export function chooseEnds(
  args: Pick<CopyArgs, "from" | "to">,
  principal: string,
  access: Access,
): Route | string {
  const [from, to] = [parsePlace(args.from), parsePlace(args.to)];
  if (from === null) return "bad `from` parameter: write host:path";
  if (to === null) return "bad `to` parameter: write targets:path";
  const path = targetPath(from.path, to.path);
  if (path === null) return "bad `to` parameter: the source has no name: write the whole path";
  const found = findHost(access, { principal, tool: "remote_read_file", hostName: from.hosts });
  if (found.kind === "refused") return found.reason;
  const resolved = resolveHosts(to.hosts, access.hostsFor(principal));
  if (resolved.kind === "refused") return resolved.reason;
  for (const host of resolved.targets) {
    const refusal = findTargetRefusal(host, principal, access);
    if (refusal !== null) return refusal;
  }
  return { source: found.host, from: from.path, targets: resolved.targets, to: path };
}

/** What a copy does at its ends. */
export function usesOf({ source, targets }: Route): readonly ToolUse[] {
  const [from, to] = [[source.name], targets.map(({ name }) => name)];
  return [
    { tool: "remote_copy", readOnly: false, hosts: [...from, ...to] },
    ...AT_SOURCE.map((tool) => ({ tool, readOnly: true, hosts: from })),
    { tool: "remote_write_file", readOnly: false, hosts: to },
  ];
}

/** Why a caller may not copy from a host; null: it may. */
export function findSourceRefusal(host: Host, principal: string, access: Access): string | null {
  return findRefusal(AT_SOURCE, { host, principal, access });
}

/** Why a caller may not copy to a host; null: it may. */
export function findTargetRefusal(host: Host, principal: string, access: Access): string | null {
  return findRefusal(AT_TARGET, { host, principal, access });
}

function findRefusal(
  tools: readonly ToolName[],
  { host, principal, access }: {
    readonly host: Host;
    readonly principal: string;
    readonly access: Access;
  },
): string | null {
  for (const tool of tools) {
    // By its name, since its rules may be others than when the copy began.
    const found = findHost(access, { principal, tool, hostName: host.name });
    if (found.kind === "refused") return found.reason;
  }
  return null;
}
