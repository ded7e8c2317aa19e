import {
  CHECK_FORMATS,
  FLAGS,
  type Mode,
  MODE_FLAGS,
  PLAIN_FLAGS,
  PROBE_FORMATS,
} from "./flags.ts";
import { COLOR_CHOICES, type ColorChoice } from "./paint.ts";
import { choice, type Given, last, type Scan, scan, UsageError } from "./scan.ts";
import { findRoleFault, roleOf, splitRole } from "./role.ts";
import type { Role } from "../config/variables.ts";
import type { HubFlags } from "../config/settings.ts";
import type { AgentFlags } from "../config/server.ts";
import { IMPORT_SOURCES, type ImportSource } from "../config/import/source.ts";
import { ADDRESS_RULE, isAddress, parsePort, PORT_RULE } from "../config/address.ts";
import { RESULT_PROFILES } from "../mcp/profile.ts";
import { findApprovalFault } from "./approval_id.ts";
import { alternatives } from "../base/text/alternatives.ts";
import { nearNames } from "../base/text/near_names.ts";

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
    /** Hashes that lines of theirs must have. */
    readonly hashes: readonly string[];
    readonly quiet: boolean;
  }
  | { readonly mode: "approvals" }
  | {
    readonly mode: "approve" | "deny";
    /** Of an approval. */
    readonly id: string;
  }
  | { readonly mode: "agent"; readonly flags: AgentFlags }
  | {
    readonly mode: "nats-key";
    readonly role: Role;
    /** The file that holds the key, or is to hold it. */
    readonly file: string;
  }
  | { readonly mode: "help"; readonly role: Role }
  | { readonly mode: "version" };

/** Forms in which `--probe` prints. */
export type ProbeFormat = (typeof PROBE_FORMATS)[number];

/** Forms in which `--check` prints: its findings, or the legacy registry as TOML. */
export type CheckFormat = (typeof CHECK_FORMATS)[number];

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
      return natsKeyCommand(given, "hub") ?? { mode, flags };
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
      if (given.has("audit-hash")) {
        throw new UsageError(`"--audit-hash" belongs to "--check --audit"`);
      }
      const format = choice(given, "format", CHECK_FORMATS);
      const showTokens = given.has("show-tokens");
      if (showTokens && format !== "toml") {
        throw new UsageError(`"--show-tokens" belongs to "--check --format toml"`);
      }
      return { mode, flags, format, color: choice(given, "color", COLOR_CHOICES), showTokens };
    }
    case "import":
      return importCommand({ given, positionals }, flags);
    case "approvals":
      return { mode };
    case "approve":
    case "deny": {
      const ids = given.get(mode) ?? [];
      const fault = findApprovalFault(mode, ids);
      if (fault !== null) throw new UsageError(fault);
      return { mode, id: ids.join("") };
    }
    case "agent":
      return natsKeyCommand(given, "agent") ?? { mode, flags };
  }
}

/** `--nats-key` serves nothing, so no flag about that goes with it; null: it is not given. */
function natsKeyCommand(given: Given, role: Role): Command | null {
  const file = last(given, "nats-key");
  if (file === null) return null;
  for (const name of given.keys()) {
    if (["nats-key", "agent", "quiet"].includes(name)) continue;
    throw new UsageError(`"--${name}" does not go with "--nats-key"`);
  }
  return { mode: "nats-key", role, file };
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
function auditCommand(files: readonly string[], given: Given): Command {
  for (const name of given.keys()) {
    if (["check", "audit", "audit-hash", "quiet"].includes(name)) continue;
    throw new UsageError(`"--${name}" does not go with "--audit"`);
  }
  const hashes = given.get("audit-hash") ?? [];
  for (const hash of hashes) {
    if (/^[0-9a-f]{64}$/.test(hash)) continue;
    throw new UsageError(`"--audit-hash" must be 64 digits of hex, not "${hash}"`);
  }
  return { mode: "audit", files, hashes, quiet: given.has("quiet") };
}

/** Without a mode a binary does what it is made for. */
function modeOf(given: Given, role: Role | null): Mode {
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
  if (mode !== "serve" && mode !== "check" && mode !== "agent") {
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

function hubFlags(given: Given, argumentPort: number | null): HubFlags {
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
