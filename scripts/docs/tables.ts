import { z } from "zod";
import { type Flag, FLAGS } from "../../lib/cli/flags.ts";
import { ENVIRONMENT, type EnvironmentVariable } from "../../lib/config/variables.ts";
import { clientSchema, defaultsSchema, hostSchema } from "../../lib/config/registry/schema.ts";
import { argumentSchema, commandSchema } from "../../lib/config/registry/commands/schema.ts";
import { confirmSchema } from "../../lib/config/registry/confirm.ts";
import { natsSchema } from "../../lib/config/registry/nats.ts";
import { oauthSchema } from "../../lib/config/registry/oauth.ts";
import { code, markdownTable } from "./markdown_table.ts";
import {
  ARGUMENT_FIELDS,
  CLIENT_FIELDS,
  COMMAND_FIELDS,
  CONFIRM_FIELDS,
  HOST_FIELDS,
  NATS_FIELDS,
  OAUTH_FIELDS,
} from "./registry_fields.ts";

const TYPES: ReadonlyMap<string, string> = new Map([
  ["string", "string"],
  ["number", "number"],
  ["boolean", "boolean"],
  ["array", "list of strings"],
  ["integer", "number"],
  ["object", "table"],
]);

/** The tables of `docs/configuration.md`, by the name of their section. */
export const TABLES: ReadonlyMap<string, string> = new Map([
  ["flags", flagTable()],
  [
    "variables-of-both",
    variableTable(({ hub, agent }) => hub !== undefined && agent !== undefined),
  ],
  ["variables-of-the-hub", variableTable(({ agent }) => agent === undefined)],
  ["variables-of-the-agent", variableTable(({ hub }) => hub === undefined)],
  ["host-fields", hostTable()],
  ["nats-fields", fieldTable(natsSchema, NATS_FIELDS)],
  ["client-fields", fieldTable(clientSchema, CLIENT_FIELDS)],
  ["command-fields", fieldTable(commandSchema, COMMAND_FIELDS)],
  ["confirm-fields", fieldTable(confirmSchema, CONFIRM_FIELDS)],
  ["argument-fields", fieldTable(argumentSchema, ARGUMENT_FIELDS)],
  ["oauth-fields", fieldTable(oauthSchema, OAUTH_FIELDS)],
]);

function flagTable(): string {
  const rows = [...FLAGS].map(([name, flag]) => [
    code(flag.value === null ? `--${name}` : `--${name} ${flag.value}`),
    describeModes(flag),
    flag.meaning,
  ]);
  return markdownTable([["flag", "modes", "meaning"], ...rows]);
}

function describeModes({ modes }: Flag): string {
  return modes.map((mode) => mode === "serve" ? "serve" : code(`--${mode}`)).join(", ");
}

function variableTable(belongs: (variable: EnvironmentVariable) => boolean): string {
  const rows = ENVIRONMENT.filter(belongs).map((variable) => [
    code(variable.name),
    variable.meaning,
    describeDefault(variable),
  ]);
  return markdownTable([["variable", "meaning", "default"], ...rows]);
}

function describeDefault({ hub, agent }: EnvironmentVariable): string {
  if (hub && agent && hub !== agent) return `${code(hub)}; agent: ${code(agent)}`;
  const text = hub ?? agent;
  return text ? code(text) : "none";
}

function hostTable(): string {
  const types = fieldTypes(hostSchema);
  const rows = Object.entries(HOST_FIELDS).map(([name, meaning]) => [
    code(name),
    types.get(name) ?? "",
    Object.hasOwn(defaultsSchema.shape, name) ? "yes" : "",
    meaning,
    hubWideDefault(name),
  ]);
  return markdownTable([
    ["field", "value", "in `[defaults]`", "meaning", "default (variable)"],
    ...rows,
  ]);
}

/** The default of a time limit, and the variable that sets it for all hosts. */
function hubWideDefault(field: string): string {
  const variable = ENVIRONMENT.find(({ name }) => name === `LMCP_HUB_${field.toUpperCase()}`);
  return variable?.hub ? `${code(variable.hub)} (${code(variable.name)})` : "";
}

function fieldTable(schema: z.ZodObject, meanings: Readonly<Record<string, string>>): string {
  const types = fieldTypes(schema);
  const rows = Object.entries(meanings).map(([name, meaning]) => [
    code(name),
    types.get(name) ?? "",
    meaning,
  ]);
  return markdownTable([["field", "value", "meaning"], ...rows]);
}

/** The TOML type of each field of a schema. */
function fieldTypes(schema: z.ZodObject): ReadonlyMap<string, string> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return new Map(
    Object.entries(properties).map(([name, property]) => [name, describeType(property)]),
  );
}

function describeType(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === "boolean") return "";
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeType).join(" or ");
  return TYPES.get(String(schema.type)) ?? "";
}
