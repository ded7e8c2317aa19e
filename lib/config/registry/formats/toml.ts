import { parse, TomlError } from "smol-toml";
import { didYouMean } from "../../../base/text/near_names.ts";
import type { Locate, Problem } from "../../../base/problem.ts";
import { NOTHING_PARSED, type RegistryContent, type RegistryEntry } from "../entry.ts";
import { looksLegacy } from "./legacy.ts";
import { createLineFinder, isTable } from "./lines.ts";
import { describeTomlFault } from "./syntax_fault.ts";
import { defaultsSchema, schemaProblems } from "../schema.ts";

/** Parses a TOML registry: `[defaults]`, `[groups]`, `[oauth]`, `[nats]`, `[[confirm]]`, tables `[hosts.NAME]`, `[clients.NAME]` and `[commands.NAME]`. */
export function parseTomlRegistry(text: string, path: string): RegistryContent {
  const document = parseDocument(text, path);
  if ("problem" in document) return { ...NOTHING_PARSED, problems: [document.problem] };

  const { defaults = {}, hosts = {}, clients = {}, groups = {}, commands = {}, ...rest } =
    document.root;
  const { confirm = [], oauth, nats, ...others } = rest;
  const locate = createLocate(text);
  const problems: Problem[] = Object.keys(others).map((name) => ({
    severity: "error",
    source: path,
    ...locate([name]),
    message: `unknown table or field${didYouMean(name, TABLES)}`,
  }));
  const checkedDefaults = defaultsSchema.safeParse(defaults);
  if (!checkedDefaults.success) {
    problems.push(...schemaProblems(checkedDefaults.error, {
      source: path,
      locate: (below) => locate(["defaults", ...below]),
      explainUnknown: (name) =>
        `unknown default${didYouMean(name, Object.keys(defaultsSchema.shape))}`,
    }));
  }
  for (const [kind, table] of Object.entries({ hosts, clients, commands })) {
    if (isTable(table)) continue;
    const message = `must hold a table for each ${kind.slice(0, -1)}: [${kind}.NAME]`;
    problems.push({ severity: "error", source: path, ...locate([kind]), message });
  }
  if (!isTable(groups)) {
    const message = "must hold a target expression for each group: [groups]";
    problems.push({ severity: "error", source: path, ...locate(["groups"]), message });
  }
  if (!Array.isArray(confirm)) {
    const message = "must be a list of tables: write [[confirm]], with two brackets";
    problems.push({ severity: "error", source: path, ...locate(["confirm"]), message });
  }
  return {
    confirm: listRules(confirm, locate),
    groups: listEntries("groups", groups, locate),
    hosts: listEntries("hosts", hosts, locate),
    clients: listEntries("clients", clients, locate),
    commands: listEntries("commands", commands, locate),
    oauth: oauth === undefined
      ? null
      : { name: "oauth", fields: oauth, locate: (below) => locate(["oauth", ...below]) },
    nats: nats === undefined
      ? null
      : { name: "nats", fields: nats, locate: (below) => locate(["nats", ...below]) },
    isParsed: isTable(clients),
    defaults: checkedDefaults.data ?? {},
    problems,
  };
}

const TABLES = ["defaults", "hosts", "clients", "groups", "commands", "confirm", "oauth", "nats"];

type Document = { readonly root: Record<string, unknown> } | { readonly problem: Problem };

function parseDocument(text: string, path: string): Document {
  try {
    return { root: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [line, message] = looksLegacy(text)
      ? [null, 'looks like the legacy format, but a name that ends in ".toml" means TOML']
      : [error.line, describeTomlFault(text, error.line, error.message)];
    return { problem: { severity: "error", source: path, line, field: null, message } };
  }
}

function listEntries(kind: string, table: unknown, locate: Locate): RegistryEntry[] {
  if (!isTable(table)) return [];
  return Object.entries(table).map(([name, fields]) => ({
    name,
    fields,
    locate: (path) => locate([kind, name, ...path]),
  }));
}

/** The line of each is that of its header: those of their fields are not kept apart. */
function listRules(list: unknown, locate: Locate): RegistryEntry[] {
  if (!Array.isArray(list)) return [];
  return list.map((fields: unknown, at) => ({
    name: String(at + 1),
    fields,
    locate: ([field]) => locate(["confirm", at + 1, ...(field === undefined ? [] : [field])]),
  }));
}

/** Whether a text that is no legacy registry was meant as TOML. */
export function looksToml(text: string): boolean {
  return /^[ \t]*\[[ \t]*(hosts|clients|commands|groups|defaults|confirm|oauth|nats)[ \t]*[.\]]/m
    .test(
      text,
    );
}

/** Fields are named as TOML writes them, to the depth of a host's fields, or an argument's. */
function createLocate(text: string): Locate {
  const findLine = createLineFinder(text);
  return (path) => ({
    line: findLine(path),
    field: path.slice(0, path[2] === "args" ? 5 : 3).map(String).map(formatKey).join("."),
  });
}

/** A key as TOML writes it: quoted unless it is bare. */
function formatKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}
