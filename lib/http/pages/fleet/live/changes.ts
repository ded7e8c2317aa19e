import type { LiveEvent } from "../model.ts";
import type { FleetSnapshot } from "../view.ts";

type Change = Omit<Extract<LiveEvent, { readonly kind: "change" }>, "kind" | "now">;

/** What differs between two snapshots of one view, in which the same object is the same thing; null: nothing. */
export function findChange(before: FleetSnapshot, after: FleetSnapshot): Change | null {
  const { problems, tiles, groups, calls, approvals } = after;
  const { hosts, gone } = findHostChange(before.hosts, after.hosts);
  const change = {
    hosts,
    gone,
    problems: problems === before.problems ? null : problems,
    tiles: tiles === before.tiles ? null : tiles,
    groups: groups === before.groups ? null : groups,
    calls: calls === before.calls ? null : calls,
    approvals: approvals === before.approvals ? null : approvals,
  };
  const isEmpty = hosts.length + gone.length === 0 &&
    (change.problems ?? change.tiles ?? change.groups ?? change.calls ?? change.approvals) === null;
  return isEmpty ? null : change;
}

function findHostChange(
  before: FleetSnapshot["hosts"],
  after: FleetSnapshot["hosts"],
): Pick<Change, "hosts" | "gone"> {
  if (before === after) return { hosts: [], gone: [] };
  const old = new Map(before.map((row) => [row.name, row]));
  const hosts = after.filter((row) => old.get(row.name) !== row);
  for (const { name } of after) old.delete(name);
  return { hosts, gone: [...old.keys()] };
}
