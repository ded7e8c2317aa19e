import { didYouMean } from "../../base/text/near_names.ts";
import type { RegistryContent } from "./entry.ts";
import { isTable } from "./formats/lines.ts";
import { isHostName } from "../../fleet/host.ts";
import { type Discovery, tagsOf } from "./nats.ts";
import { hostSchema } from "./schema.ts";

/** What a label in a client's or a command's `hosts` means: the name of a host, or of a tag. */
export interface LabelMeaning {
  /** Names of hosts. */
  readonly hosts: readonly string[];
  /** Why it means nothing, in words that follow the label; null: it means something. */
  readonly fault: string | null;
  /** How it could be clearer; null: it is clear. */
  readonly advice: string | null;
}

/** Gives what a label means. */
export type Labels = (label: string) => LabelMeaning;

/** What labels can mean. */
export interface LabelOptions {
  /** Names of all hosts. */
  readonly names: readonly string[];
  /** Names of the hosts that have each tag. */
  readonly tagged: ReadonlyMap<string, readonly string[]>;
  /** Names of the hosts that there were before. */
  readonly former: ReadonlySet<string>;
  /** Whether there may be hosts later that are not known yet. */
  readonly isOpen?: boolean;
}

/**
 * Makes a `Labels`. `@TAG` is a tag and nothing else. Without `@` a label is a host, or a tag where
 * there is no such host, unless there was one: removing a host must not give its clients others. The
 * faults do not show a label that means nothing, as it may be a misplaced token.
 */
export function createLabels({ names, tagged, former, isOpen = false }: LabelOptions): Labels {
  const known = new Set(names);
  return function findMeaning(label) {
    if (label.startsWith("@")) {
      const hosts = tagged.get(label.slice(1));
      return hosts === undefined
        ? fault(`is not a tag${didYouMean(label, [...tagged.keys()].map((tag) => `@${tag}`))}`)
        : { hosts, fault: null, advice: null };
    }
    const hosts = tagged.get(label);
    if (hosts === undefined) {
      return known.has(label) || isOpen && isHostName(label)
        ? { hosts: [label], fault: null, advice: null }
        : fault(`is neither a host nor a tag${didYouMean(label, [...known, ...tagged.keys()])}`);
    }
    const asTag = `write "@${label}" for the hosts with the tag`;
    if (known.has(label)) return fault(`is both a host and a tag: ${asTag}, or rename one of them`);
    if (former.has(label)) return fault(`was a host and is a tag now: ${asTag}, or remove it`);
    return { hosts, fault: null, advice: `is a tag: ${asTag}, so that it never means a host` };
  };
}

function fault(text: string): LabelMeaning {
  return { hosts: [], fault: text, advice: null };
}

/** The labels of a registry; `former` are the names of the hosts that there were before. */
export function registryLabels(
  content: RegistryContent,
  { former, discovery }: Pick<LabelOptions, "former"> & { readonly discovery: Discovery | null },
): Labels {
  const tagged = new Map<string, readonly string[]>(
    (discovery === null ? [] : tagsOf(discovery)).map((tag) => [tag, []]),
  );
  for (const [name, tags] of statedTags(content)) {
    for (const tag of tags) tagged.set(tag, [...tagged.get(tag) ?? [], name]);
  }
  const isOpen = discovery !== null;
  return createLabels({ names: content.hosts.map(({ name }) => name), tagged, former, isOpen });
}

/** The tags of all hosts by their names, whatever else is wrong with a host. */
export function statedTags(
  { hosts, defaults }: RegistryContent,
): ReadonlyMap<string, readonly string[]> {
  return new Map(hosts.map(({ name, fields }) => {
    const tags = isTable(fields) ? hostSchema.shape.tags.safeParse(fields.tags).data : undefined;
    return [name, tags ?? defaults.tags ?? []] as const;
  }));
}
