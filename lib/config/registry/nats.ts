import { z } from "zod";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import { isHostName } from "../../fleet/host.ts";
import type { AnnouncedHost } from "../../fleet/nats/presence.ts";
import type { RegistryContent, RegistryEntry } from "./entry.ts";
import { isTable } from "./formats/lines.ts";
import { statedTags } from "./labels.ts";
import { type DefaultFields, defaultsSchema, schemaProblems } from "./schema.ts";

/** `[nats]`. */
export const natsSchema = z.strictObject({
  discover: z.boolean({ error: "must be true or false" }).optional(),
  tags: defaultsSchema.shape.tags,
  default: defaultsSchema.optional(),
}, { error: "must be a table" });

/** Which announced hosts a registry lists that it does not name. */
export interface Discovery {
  /** What it states for them. */
  readonly defaults: DefaultFields;
  /** The tags that they may give themselves. */
  readonly tags: ReadonlySet<string>;
}

/** Hosts that are listed although the registry does not name them. */
const MAX_DISCOVERED = 10_000;
/** Characters of a name, as of a DNS name. */
const MAX_NAME = 253;

/** Reads `[nats]`; null: announced hosts are not listed. */
export function readDiscovery(
  { nats = null }: RegistryContent,
  source: string,
): { readonly discovery: Discovery | null; readonly problems: readonly Problem[] } {
  if (nats === null) return { discovery: null, problems: [] };
  const checked = natsSchema.safeParse(nats.fields);
  if (!checked.success) {
    const explainUnknown = (field: string) =>
      `unknown field${didYouMean(field, Object.keys(natsSchema.shape))}`;
    const { locate } = nats;
    return {
      discovery: null,
      problems: schemaProblems(checked.error, { source, locate, explainUnknown }),
    };
  }
  const { discover = false, tags = [], default: defaults = {} } = checked.data;
  if (!discover) return { discovery: null, problems: [] };
  return { discovery: { defaults, tags: new Set(tags) }, problems: [] };
}

/** The tags that discovered hosts may have, whether or not one has them. */
export function tagsOf({ defaults, tags }: Discovery): readonly string[] {
  return [...defaults.tags ?? [], ...tags];
}

/**
 * The entries of announced hosts. One whose name the registry uses in any way is left out: what an
 * agent says must not change what the registry means.
 */
export function discoveredEntries(
  announced: readonly AnnouncedHost[],
  content: RegistryContent,
  discovery: Discovery,
): readonly RegistryEntry[] {
  const taken = takenNames(content, discovery);
  const locate = content.nats?.locate ?? (() => ({ line: null, field: null }));
  return announced
    .filter(({ name }) => isHostName(name) && name.length <= MAX_NAME && !taken.has(name))
    .slice(0, MAX_DISCOVERED)
    .map(({ name, tags }) => ({
      name,
      fields: {
        ...statedFields(content.nats?.fields),
        nats: true,
        tags: [
          ...discovery.defaults.tags ?? content.defaults.tags ?? [],
          ...tags.filter((tag) => discovery.tags.has(tag)),
        ],
      },
      isDiscovered: true,
      locate: () => locate(["default"]),
    }));
}

function takenNames(content: RegistryContent, discovery: Discovery): ReadonlySet<string> {
  const tags = [...statedTags(content).values()].flat();
  const onNats = content.hosts.flatMap(({ fields }) =>
    isTable(fields) && typeof fields.nats === "string" ? [fields.nats] : []
  );
  return new Set([
    "all",
    ...content.hosts.map(({ name }) => name),
    ...content.groups.map(({ name }) => name),
    ...onNats,
    ...tags,
    ...tagsOf(discovery),
  ]);
}

/** `[nats.default]` as it is written, since a host's fields are checked in that form. */
function statedFields(fields: unknown): object {
  return isTable(fields) && isTable(fields.default) ? fields.default : {};
}
