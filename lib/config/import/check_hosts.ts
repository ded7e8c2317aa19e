import type { Problem } from "../../base/problem.ts";
import { CONTROL } from "../../base/text/controls.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { findNameFault, findSshHostFault } from "../registry/address.ts";
import type { StatedHost } from "./source.ts";

/** The longest name of a host, as DNS has it. */
const MAX_NAME_CHARS = 253;

/** The hosts that a registry can hold, with the tags that it can hold, and why others are left out. */
export interface CheckedHosts {
  readonly hosts: readonly StatedHost[];
  readonly problems: readonly Problem[];
}

/** Checks hosts of another program; `groups` are the registry's, whose names no tag may have. */
export function checkHosts(
  stated: readonly StatedHost[],
  groups: ReadonlySet<string>,
): CheckedHosts {
  const hosts = new Map<string, StatedHost>();
  const problems: Problem[] = [];
  for (const host of stated) {
    const warn = (message: string) => {
      const { source, line } = host;
      const field = JSON.stringify(foreignText(host.name, MAX_NAME_CHARS));
      problems.push({ severity: "warning", source, line, field, message });
    };
    const fault = hosts.has(host.name) ? "another host has the name" : findFault(host);
    if (fault !== null) {
      warn(`is left out: ${fault}`);
      continue;
    }
    const [tags, others] = partition(host.tags, (tag) => isTag(tag) && !groups.has(tag));
    for (const tag of others) warn(`is imported without the tag ${explainTag(tag, groups)}`);
    hosts.set(host.name, { ...host, tags: [...new Set(tags)] });
  }
  return { hosts: [...hosts.values()], problems };
}

function findFault({ name, sshHost }: StatedHost): string | null {
  const nameFault = findNameFault(name, "host");
  if (nameFault !== null) return nameFault;
  if (name.length > MAX_NAME_CHARS) return `its name is longer than ${MAX_NAME_CHARS} characters`;
  const fault = CONTROL.test(sshHost) || !sshHost.isWellFormed()
    ? "must not hold characters that do not show"
    : findSshHostFault(sshHost);
  return fault === null ? null : `what ssh would connect to ${fault}`;
}

/** Whether a tag can be named where hosts are chosen, as `@TAG`. */
function isTag(tag: string): boolean {
  return /^[^\s\p{C},&!@*?[\]]+$/u.test(tag) && tag !== "all" && tag.length <= MAX_NAME_CHARS;
}

function explainTag(tag: string, groups: ReadonlySet<string>): string {
  const why = groups.has(tag) ? "which is a group of the registry" : "which no call could name";
  return `${JSON.stringify(foreignText(tag))}, ${why}`;
}

function partition<Item>(
  items: readonly Item[],
  belongs: (item: Item) => boolean,
): readonly [belonging: readonly Item[], others: readonly Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
