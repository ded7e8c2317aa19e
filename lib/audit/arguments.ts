import { createHash } from "node:crypto";
import { COMMAND_TOOL } from "../fleet/rules.ts";
import { type Redact, redactEnd, redactStart } from "../base/text/redact.ts";

/** How much of a call's arguments is written. */
export interface ArgumentLimits {
  /** Characters of a name that somebody else chose. */
  readonly name: number;
  /** Characters of a text that is written in clear; of a longer one, so many of its start and end. */
  readonly text: number;
  /** Number of arguments, unless the tool itself declares more; 0: no argument at all. */
  readonly count: number;
}

/** Of a call that was accepted. */
export const LIMITS: ArgumentLimits = { name: 128, text: 16_384, count: 64 };

/** Of a call that was refused, and where that is still too long: names and a digest, nothing else. */
export const LIMITS_OF_REFUSED = {
  short: { ...LIMITS, text: 256, count: 16 },
  least: { name: 32, text: 0, count: 0 },
} satisfies Record<string, ArgumentLimits>;

/** Texts that are written in clear; any other may be a file's content, or a secret. */
const CLEAR: ReadonlySet<string> = new Set([
  "command",
  "path",
  "cwd",
  "pattern",
  "tool",
  "targets",
  "from",
  "to",
  "batch",
  "check",
  "approval",
]);
/** Of the tool that runs named commands, these are too: a command's name, and its arguments as JSON. */
const CLEAR_OF_COMMANDS: ReadonlySet<string> = new Set(["name", "args"]);
/** The part of a long text that is written of its end: where a padded command does its work. */
const END_PART = 1 / 4;

/** A value that is not written: its size as UTF-8 (if it is no text: as JSON), and its SHA-256 in hex. */
export interface Digest {
  readonly length: number;
  readonly sha256: string;
  /** How a clear text begins and ends that is too long to be written whole. */
  readonly start?: string;
  readonly end?: string;
}

/** An argument as the audit trail has it. */
export type AuditArgument = string | number | boolean | null | Digest;

/** Arguments as the audit trail has them. */
export interface AuditArguments {
  /** `host` has a field of its own. */
  readonly written: Readonly<Record<string, AuditArgument>>;
  /** How many more there are, and the digest of these as one object; null: no more. */
  readonly leftOut: (Digest & { readonly count: number }) | null;
}

/** What arguments are written by. */
export interface ArgumentRules {
  /** The name of the tool. */
  readonly tool: string;
  /** Names of the arguments that the tool declares: they are written first, and always. */
  readonly declared: readonly string[];
  readonly redact: Redact;
  readonly limits: ArgumentLimits;
}

/** A call's arguments, as far as they may be written. */
export function auditArguments(
  args: Readonly<Record<string, unknown>>,
  { tool, declared, redact, limits }: ArgumentRules,
): AuditArguments {
  const written = new Map<string, AuditArgument>();
  const first = limits.count === 0 ? [] : declared;
  for (const name of first) {
    if (name !== "host" && Object.hasOwn(args, name)) {
      written.set(name, auditArgument(name, args[name], { tool, redact, limits }));
    }
  }
  const leftOut: [string, unknown][] = [];
  for (const [name, value] of Object.entries(args)) {
    if (name === "host" || first.includes(name)) continue;
    const shown = redact(name);
    const hasRoom = written.size < limits.count && name.length <= limits.name;
    // A name that is written already would hide the other's value.
    if (!hasRoom || written.has(shown)) leftOut.push([name, value]);
    else written.set(shown, auditArgument(name, value, { tool, redact, limits }));
  }
  return { written: Object.fromEntries(written), leftOut: digestAll(leftOut) };
}

function auditArgument(
  name: string,
  value: unknown,
  { tool, redact, limits: { text: max } }: Omit<ArgumentRules, "declared">,
): AuditArgument {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isOfCommand = tool === COMMAND_TOOL && CLEAR_OF_COMMANDS.has(name);
  if (!isOfCommand && (typeof value !== "string" || !CLEAR.has(name))) return digest(text);
  if (text.length <= max) return redact(text);
  const endLength = Math.floor(max * END_PART);
  return {
    ...digest(text),
    start: redactStart(text, max - endLength, redact),
    end: redactEnd(text, endLength, redact),
  };
}

function digestAll(args: readonly (readonly [string, unknown])[]): AuditArguments["leftOut"] {
  if (args.length === 0) return null;
  return { count: args.length, ...digest(JSON.stringify(Object.fromEntries(args))) };
}

function digest(text: string): Digest {
  const bytes = new TextEncoder().encode(text);
  return { length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
