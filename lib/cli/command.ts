import { parseArgs } from "node:util";
import {
  CHECK_FORMATS,
  FLAGS,
  LONG_FLAGS,
  type Mode,
  MODE_FLAGS,
  PLAIN_FLAGS,
  PROBE_FORMATS,
} from "./flags.ts";
import { COLOR_CHOICES, type ColorChoice } from "./paint.ts";
import { findRoleFault, roleOf, splitRole } from "./role.ts";
import type { Role } from "../config/variables.ts";
import type { HubFlags } from "../config/settings.ts";
import type { AgentFlags } from "../config/server.ts";
import { IMPORT_SOURCES, type ImportSource } from "../config/import/source.ts";
import { ADDRESS_RULE, isAddress, parsePort, PORT_RULE } from "../config/address.ts";
import { RESULT_PROFILES } from "../mcp/profile.ts";
import { alternatives } from "../base/text/alternatives.ts";
import { didYouMean, nearNames } from "../base/text/near_names.ts";

/** What the command line asks for. */
export type Command =
  | { readonly mode: "serve"; readonly flags: HubFlags }
  | { readonly mode: "stdio"; readonly flags: HubFlags }
  | {
    readonly mode: "probe";
    readonly flags: HubFlags;
    readonly format: ProbeFormat;
    readonly color: ColorChoice;
    /** Names of the hosts to probe; none: all. */
    readonly hosts: readonly string[];
  }
  | {
    readonly mode: "check";
    readonly flags: HubFlags;
    readonly format: CheckFormat;
    readonly color: ColorChoice;
    /** Whether TOML output shows tokens. */
    readonly showTokens: boolean;
  }
  | {
    readonly mode: "import";
    readonly flags: HubFlags;
    readonly source: ImportSource;
    /** `-`: standard input; null: ssh's own configuration. */
    readonly file: string | null;
  }
  | {
    readonly mode: "audit";
    /** Files of the audit trail, oldest first. */
    readonly files: readonly string[];
    readonly quiet: boolean;
  }
  | { readonly mode: "agent"; readonly flags: AgentFlags }
  | { readonly mode: "help"; readonly role: Role }
  | { readonly mode: "version" };

/** Forms in which `--probe` prints. */
export type ProbeFormat = (typeof PROBE_FORMATS)[number];

/** Forms in which `--check` prints: its findings, or the legacy registry as TOML. */
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** A command line that cannot be parsed; the message is one line and names the flag. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Parses the arguments; throws `UsageError`. `--help` and `--version` beat all other modes. */
export function parseCommand(all: readonly string[]): Command {
  const { role, args } = splitRole(all);
  const { given, positionals } = scan(args);
  if (given.has("help")) return { mode: "help", role: roleOf({ role, args }) };
  if (given.has("version")) return { mode: "version" };

  const mode = modeOf(given, role);
  const fault = findRoleFault(role, mode);
  if (fault !== null) throw new UsageError(fault);
  for (const name of given.keys()) refuseForeignFlag(name, mode);
  const flags = hubFlags(given, argumentPort(positionals, mode));
  switch (mode) {
    case "serve":
    case "stdio":
      return { mode, flags };
    case "probe":
      return {
        mode,
        flags,
        format: choice(given, "format", PROBE_FORMATS),
        color: choice(given, "color", COLOR_CHOICES),
        hosts: given.get("host") ?? [],
      };
    case "check": {
      const files = given.get("audit");
      if (files !== undefined) return auditCommand(files, given);
      const format = choice(given, "format", CHECK_FORMATS);
      const showTokens = given.has("show-tokens");
      if (showTokens && format !== "toml") {
        throw new UsageError(`"--show-tokens" belongs to "--check --format toml"`);
      }
      return { mode, flags, format, color: choice(given, "color", COLOR_CHOICES), showTokens };
    }
    case "import":
      return importCommand({ given, positionals }, flags);
    case "agent":
      return { mode, flags };
  }
}

/** What to pipe into `--import SOURCE -`. */
const IMPORT_PROGRAMS = {
  ansible: "ansible-inventory --list",
  tailscale: "tailscale status --json",
} as const;

/** Only ssh has a place of its own for its configuration. */
function importCommand({ given, positionals }: Scan, flags: HubFlags): Command {
  const source = choice(given, "import", IMPORT_SOURCES);
  const [file = null, second] = positionals;
  if (second !== undefined) {
    throw new UsageError(`unexpected argument "${second}": one FILE is taken`);
  }
  if (file === "" || (file === null && source !== "ssh-config")) {
    const example = source === "ssh-config"
      ? ""
      : `: ${IMPORT_PROGRAMS[source]} | lmcp-hub --import ${source} -`;
    throw new UsageError(`"--import ${source}" needs FILE, or - for standard input${example}`);
  }
  return { mode: "import", flags, source, file };
}

/** `--audit` reads no configuration, so no flag about that goes with it. */
function auditCommand(files: readonly string[], given: Scan["given"]): Command {
  for (const name of given.keys()) {
    if (name === "check" || name === "audit" || name === "quiet") continue;
    throw new UsageError(`"--${name}" does not go with "--audit"`);
  }
  return { mode: "audit", files, quiet: given.has("quiet") };
}

/** The values of each flag given (none for a flag without value), and the other arguments. */
interface Scan {
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** `strict: false`, since Node's own messages span lines and advise what this program refuses. */
function scan(args: readonly string[]): Scan {
  const valued = [...FLAGS].filter(([, flag]) => flag.value !== null);
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(valued.map(([name]) => [name, { type: "string" }] as const)),
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "V" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const values = given.get(name) ?? [];
    given.set(name, values);
    if (takesValue(name, rawName, args[token.index] ?? rawName)) {
      const isNextFlag = !inlineValue && value?.startsWith("-");
      if (!value || isNextFlag) throw new UsageError(`"${rawName}" needs a value`);
      values.push(value);
    } else if (inlineValue) {
      throw new UsageError(`"${rawName}" takes no value`);
    }
  }
  return { given, positionals };
}

/** Whether a flag takes a value; throws `UsageError` for an unknown flag, which is in `argument`. */
function takesValue(name: string, rawName: string, argument: string): boolean {
  const flag = FLAGS.get(name);
  if (flag !== undefined && rawName === `--${name}`) return flag.value !== null;
  if (PLAIN_FLAGS.some((plain) => plain === name)) return false;
  // What follows one dash is parsed as one flag a letter: "-probe" as -p, -r and so on.
  const written = rawName.startsWith("--") ? rawName : argument;
  const wanted = written.replace(/^-(?=[^-].)/, "--");
  throw new UsageError(`unknown flag "${written}"${didYouMean(wanted, LONG_FLAGS)}`);
}

/** Without a mode a binary does what it is made for. */
function modeOf(given: Scan["given"], role: Role | null): Mode {
  const [mode = role === "agent" ? "agent" : "serve", second] = MODE_FLAGS.filter((name) =>
    given.has(name)
  );
  if (second !== undefined) {
    throw new UsageError(`"--${mode}" and "--${second}" cannot be given together`);
  }
  return mode;
}

function refuseForeignFlag(name: string, mode: Mode): void {
  const flag = FLAGS.get(name);
  if (flag === undefined || flag.modes.includes(mode)) return;
  throw new UsageError(
    mode === "serve"
      ? `"--${name}" needs ${alternatives(flag.modes.map((mode) => `--${mode}`))}`
      : `"--${name}" does not go with "--${mode}"`,
  );
}

function argumentPort(positionals: readonly string[], mode: Mode): number | null {
  const [first, second] = positionals;
  if (first === undefined || mode === "import") return null;
  const hint = argumentHint(first, mode);
  if (mode === "stdio" || mode === "probe") {
    throw new UsageError(`unexpected argument "${first}": "--${mode}" takes none${hint}`);
  }
  if (parsePort(first) !== null && second !== undefined) {
    throw new UsageError(`unexpected argument "${second}": only one, the port, is taken`);
  }
  return portFrom("the argument PORT", first, hint);
}

/** The flag that was meant by an argument that is no port; nothing where none is likely. */
function argumentHint(argument: string, mode: Mode): string {
  if (argument.startsWith("-") || parsePort(argument) !== null) return "";
  if (argument === "serve") return "; to serve, leave it out";
  if (/\/|\.(toml|conf)$/.test(argument) && mode !== "agent") {
    return `; did you mean "--registry ${argument}"?`;
  }
  const [flag] = nearNames(argument, [...PLAIN_FLAGS, ...FLAGS.keys()]);
  if (flag !== undefined) return `; did you mean "--${flag}"?`;
  return mode === "probe" ? `; did you mean "--host ${argument}"?` : "";
}

function hubFlags(given: Scan["given"], argumentPort: number | null): HubFlags {
  const port = last(given, "port");
  const bind = last(given, "bind");
  if (bind !== null && !isAddress(bind)) {
    throw new UsageError(`"--bind" must be ${ADDRESS_RULE}, not "${bind}"`);
  }
  return {
    registry: last(given, "registry"),
    port: port === null ? null : portFrom(`"--port"`, port),
    argumentPort,
    bind,
    quiet: given.has("quiet"),
    results: given.has("results") ? choice(given, "results", RESULT_PROFILES) : null,
  };
}

function portFrom(what: string, text: string, hint = ""): number {
  const port = parsePort(text);
  if (port === null) {
    throw new UsageError(`${what} must be ${PORT_RULE}, not "${text}"${hint}`);
  }
  return port;
}

/** A flag given twice counts as given last, so that a wrapper's flags can be overridden. */
function last(given: Scan["given"], name: string): string | null {
  return given.get(name)?.at(-1) ?? null;
}

/** The value of a flag that takes one of several; the first of them is the default. */
function choice<const Name extends string>(
  given: Scan["given"],
  name: string,
  values: readonly [Name, ...Name[]],
): Name {
  const text = last(given, name);
  if (text === null) return values[0];
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) {
    throw new UsageError(`"--${name}" must be ${alternatives(values)}, not "${text}"`);
  }
  return value;
}
