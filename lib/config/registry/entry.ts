import type { Locate, Problem } from "../../base/problem.ts";
import type { DefaultFields } from "./schema.ts";

/** A host, client, group or command as a registry states it, before its fields are checked. */
export interface RegistryEntry {
  readonly name: string;
  /** A table with the field names of TOML, whatever the format; or not even a table. */
  readonly fields: unknown;
  readonly locate: Locate;
  /** It has announced itself; the registry does not name it. */
  readonly isDiscovered?: true;
}

/** A registry's text, parsed by its format; hosts and clients are not validated yet. */
export interface RegistryContent {
  readonly hosts: readonly RegistryEntry[];
  readonly clients: readonly RegistryEntry[];
  /** Their `fields` are target expressions. */
  readonly groups: readonly RegistryEntry[];
  /** Absent: the format has none. */
  readonly commands?: readonly RegistryEntry[];
  /** `[[confirm]]`, of which no entry has a name; absent: the format has none. */
  readonly confirm?: readonly RegistryEntry[];
  /** `[nats]`; absent, or null: there is none. */
  readonly nats?: RegistryEntry | null;
  /** `[oauth]`; null: there is none. */
  readonly oauth: RegistryEntry | null;
  /** Whether the text could be parsed, so that whoever is not in it is not meant to be. */
  readonly isParsed: boolean;
  /** What `[defaults]` states for all hosts. */
  readonly defaults: DefaultFields;
  readonly problems: readonly Problem[];
}

/** What there is of a registry whose text could not be parsed. */
export const NOTHING_PARSED: Omit<RegistryContent, "problems"> = {
  hosts: [],
  clients: [],
  groups: [],
  oauth: null,
  isParsed: false,
  defaults: {},
};
