import type { Locate, Problem } from "../../base/problem.ts";
import type { DefaultFields } from "./schema.ts";

/** A host, client or group as a registry states it, before its fields are checked. */
export interface RegistryEntry {
  readonly name: string;
  /** A table with the field names of TOML, whatever the format; or not even a table. */
  readonly fields: unknown;
  readonly locate: Locate;
}

/** A registry's text, parsed by its format; hosts and clients are not validated yet. */
export interface RegistryContent {
  readonly hosts: readonly RegistryEntry[];
  readonly clients: readonly RegistryEntry[];
  /** Their `fields` are target expressions. */
  readonly groups: readonly RegistryEntry[];
  /** Whether the text could be parsed, so that whoever is not in it is not meant to be. */
  readonly isParsed: boolean;
  /** What `[defaults]` states for all hosts. */
  readonly defaults: DefaultFields;
  readonly problems: readonly Problem[];
}
