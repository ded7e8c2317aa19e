import type { Problem } from "../../base/problem.ts";
import { resolveTargets, type Target } from "../../targets/expression.ts";
import type { HostGroups } from "../../fleet/host.ts";
import { findNameFault } from "./address.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import { statedTags } from "./labels.ts";

/** The groups without error, and all that is wrong with them. */
export interface ReadGroups {
  readonly groups: HostGroups;
  readonly problems: readonly Problem[];
}

/** Resolves `[groups]`: each is a target expression, of hosts, tags and other groups. */
export function readGroups(content: RegistryContent, source: string): ReadGroups {
  const reader = new GroupReader(content);
  const problems = content.groups.flatMap(({ name, locate }): Problem[] => {
    const members = reader.membersOf(name);
    return typeof members === "string"
      ? [{ severity: "error", source, ...locate([]), message: members }]
      : [];
  });
  return { groups: reader.groups, problems };
}

/** Groups in groups. */
const MAX_DEPTH = 32;

/** Their members, or what is wrong with one. */
type Members = ReadonlySet<string> | string;

class GroupReader {
  readonly groups = new Map<string, ReadonlySet<string>>();
  readonly #entries: ReadonlyMap<string, RegistryEntry>;
  readonly #hosts: readonly Target[];
  readonly #tags: ReadonlySet<string>;
  readonly #known = new Map<string, Members>();
  /** The groups that are being resolved, from the outermost to the innermost. */
  readonly #open: string[] = [];

  constructor(content: RegistryContent) {
    this.#entries = new Map(content.groups.map((entry) => [entry.name, entry]));
    this.#hosts = [...statedTags(content)].map(([name, tags]) => ({ name, tags }));
    this.#tags = new Set(this.#hosts.flatMap(({ tags }) => tags));
  }

  membersOf(name: string): Members {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#open.push(name);
    const members = this.#resolve(name);
    this.#open.pop();
    this.#known.set(name, members);
    if (typeof members !== "string") this.groups.set(name, members);
    return members;
  }

  #resolve(name: string): Members {
    const fault = this.#findNameFault(name);
    if (fault !== null) return fault;
    const expression = readExpression(this.#entries.get(name)?.fields);
    if (expression === null) return 'must be a text, such as "web[01-20], @db"';
    for (const [, other = ""] of expression.matchAll(/@([^\s,&!]+)/g)) {
      if (!this.#entries.has(other)) continue;
      if (this.#open.includes(other)) {
        return `is in itself: ${[...this.#open, other].map((group) => `@${group}`).join(", ")}`;
      }
      if (this.#open.length >= MAX_DEPTH) return `is ${MAX_DEPTH} groups deep: name hosts or tags`;
      if (typeof this.membersOf(other) === "string") {
        return `needs the group "@${other}", which has a fault`;
      }
    }
    const resolved = resolveTargets(expression, { all: this.#hosts, groups: this.groups });
    return resolved.kind === "refused"
      ? resolved.discreet
      : new Set(resolved.targets.map((target) => target.name));
  }

  #findNameFault(name: string): string | null {
    if (name === "all") return "is the name of the group of all hosts: choose another one";
    if (this.#tags.has(name)) return "is the name of a tag, too: rename one of them";
    return findNameFault(name, "group");
  }
}

function readExpression(fields: unknown): string | null {
  if (typeof fields === "string") return fields;
  const isList = Array.isArray(fields) && fields.every((item) => typeof item === "string");
  return isList ? fields.join("\n") : null;
}
