import { IMPORT_SOURCES } from "../config/import/source.ts";
import { COLOR_CHOICES } from "./paint.ts";
import { RESULT_PROFILES } from "../mcp/profile.ts";

/** The flags that choose a mode; none of them: `serve`. */
export const MODE_FLAGS = [
  "stdio",
  "probe",
  "check",
  "import",
  "approvals",
  "approve",
  "deny",
  "agent",
] as const;

/** What a command line can ask for, but for its help and version. */
export type Mode = "serve" | (typeof MODE_FLAGS)[number];

/** Forms in which `--probe` prints. */
export const PROBE_FORMATS = ["text", "json", "prometheus"] as const;

/** Forms in which `--check` prints: its findings, or the legacy registry as TOML. */
export const CHECK_FORMATS = ["text", "toml"] as const;

/** An option beside the mode. */
export interface Flag {
  /** What its value is called; null: it has none. */
  readonly value: string | null;
  /** The modes that accept it. */
  readonly modes: readonly Mode[];
  /** One line for `--help`. */
  readonly meaning: string;
  /** What its value may be, for shell completion; absent: a file (`FILE`), or any text. */
  readonly choices?: readonly string[];
}

/** Every option, in the order in which `--help` lists them. */
export const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ["import", {
    value: "SOURCE",
    modes: ["import"],
    meaning: "whose hosts to print: ssh-config, ansible or tailscale; FILE is what that prints",
    choices: IMPORT_SOURCES,
  }],
  ["approve", {
    value: "ID",
    modes: ["approve"],
    meaning: "the call, of those that --approvals lists, that may run, once",
  }],
  ["deny", { value: "ID", modes: ["deny"], meaning: "the call that must not run" }],
  ["registry", {
    value: "FILE",
    modes: ["serve", "stdio", "probe", "check", "import"],
    meaning: "registry of the hosts; --import leaves out the hosts that it has",
  }],
  ["port", { value: "N", modes: ["serve", "check", "agent"], meaning: "port to listen on" }],
  ["bind", { value: "ADDR", modes: ["serve", "check", "agent"], meaning: "address to listen on" }],
  ["results", {
    value: "PROFILE",
    modes: ["serve", "stdio"],
    meaning: "text, or structured: what clients get that ask for neither",
    choices: RESULT_PROFILES,
  }],
  ["format", {
    value: "FORMAT",
    modes: ["probe", "check"],
    meaning: "--probe: text, json, prometheus; --check: text, toml (the legacy registry as TOML)",
    choices: [...new Set([...PROBE_FORMATS, ...CHECK_FORMATS])],
  }],
  ["host", {
    value: "TARGETS",
    modes: ["probe"],
    meaning: "probe only these hosts, such as web[01-20] or @prod; repeatable",
  }],
  ["show-tokens", { value: null, modes: ["check"], meaning: "with --format toml: print tokens" }],
  ["audit", {
    value: "FILE",
    modes: ["check"],
    meaning:
      "with --check: list calls without an end, and changed lines, of this audit file; repeatable",
  }],
  ["audit-hash", {
    value: "HASH",
    modes: ["check"],
    meaning: "with --audit: a line must have this hash, which you have kept; repeatable",
  }],
  ["nats-key", {
    value: "FILE",
    modes: ["serve", "agent"],
    meaning: "make a key for NATS in FILE, unless it has one, and print the broker's entry for it",
  }],
  ["color", {
    value: "WHEN",
    modes: ["probe", "check"],
    meaning: "auto (the default: on a terminal, unless NO_COLOR is set), always or never",
    choices: COLOR_CHOICES,
  }],
  ["quiet", {
    value: null,
    modes: ["serve", "stdio", "probe", "check", "import", "agent"],
    meaning: "print only what is wrong",
  }],
]);

/** The flags that choose what to do. */
export const PLAIN_FLAGS = ["help", "version", ...MODE_FLAGS] as const;

/** All flags, as they are written. */
export const LONG_FLAGS = [...new Set([...PLAIN_FLAGS, ...FLAGS.keys()])].map((name) =>
  `--${name}`
);
