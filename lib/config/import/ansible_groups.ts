import { getOrAdd } from "../../base/get_or_add.ts";
import { isTable } from "../registry/formats/lines.ts";
import { type JsonTable, textsOf } from "./parse_json.ts";
import { MAX_HOSTS } from "./source.ts";

/** Ansible's own groups, of which one has all hosts, and one those that are in no other. */
const OWN_GROUPS = new Set(["all", "ungrouped"]);

/** The most groups of a host that become its tags. */
export const MAX_TAGS = 100;

/**
 * The hosts of an inventory in the order of its groups, each with the groups that it is in, of which
 * there may be one more than `MAX_TAGS`, and of the hosts one more than `MAX_HOSTS`.
 */
export function readHostGroups(inventory: JsonTable): ReadonlyMap<string, readonly string[]> {
  const groups = new Map(Object.entries(inventory).filter(([name]) => name !== "_meta"));
  const parents = new Map<string, string[]>();
  for (const [name, group] of groups) {
    for (const child of membersOf(group, "children")) {
      if (!OWN_GROUPS.has(name)) getOrAdd(parents, child, () => []).push(name);
    }
  }
  const hosts = new Map<string, Set<string>>();
  for (const [name, group] of groups) {
    const around = withParents(name, parents);
    for (const host of membersOf(group, "hosts")) {
      if (hosts.size > MAX_HOSTS) break;
      addSome(around, getOrAdd(hosts, host, () => new Set()));
    }
  }
  const order = new Map([...groups.keys()].map((name, at) => [name, at]));
  const compare = (a: string, b: string) => (order.get(a) ?? 0) - (order.get(b) ?? 0);
  return new Map([...hosts].map(([host, tags]) => [host, [...tags].toSorted(compare)]));
}

/** A group is an object; scripts may print a list of its hosts in place of it. */
function membersOf(group: unknown, kind: "hosts" | "children"): readonly string[] {
  if (isTable(group)) return textsOf(group, kind);
  return kind === "hosts" ? textsOf({ hosts: group }, "hosts") : [];
}

/** A group and the groups that it is in, however deep. */
function withParents(name: string, parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set(OWN_GROUPS.has(name) ? [] : [name]);
  for (const group of found) addSome(parents.get(group) ?? [], found);
  return found;
}

function addSome(names: Iterable<string>, to: Set<string>): void {
  for (const name of names) {
    if (to.size > MAX_TAGS) return;
    to.add(name);
  }
}
