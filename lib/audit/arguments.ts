import { createHash } from "node:crypto";
import { type Redact, redactStart } from "../base/redact.ts";

/** Texts that are written in clear; any other may be a file's content, or a secret. */
const CLEAR: ReadonlySet<string> = new Set(["command", "path", "cwd", "pattern"]);
/** Characters of a clear text, beyond which its start and its digest are written. */
const MAX_CLEAR = 16_384;
/** Characters of a name that somebody else chose. */
export const MAX_NAME = 128;
/** Number of arguments that are written. */
const MAX_ARGUMENTS = 64;

/** A value that is not written: its size as UTF-8 (if it is no text: as JSON), and its SHA-256 in hex. */
export interface Digest {
  readonly length: number;
  readonly sha256: string;
  /** How a clear text begins that is too long to be written whole. */
  readonly start?: string;
}

/** An argument as the audit trail has it. */
export type AuditArgument = string | number | boolean | null | Digest;

/** A call's arguments, as far as they may be written. `host` has a field of its own. */
export function auditArguments(
  args: Readonly<Record<string, unknown>>,
  redact: Redact,
): Record<string, AuditArgument> {
  const written = Object.entries(args).filter(([name]) => name !== "host").slice(0, MAX_ARGUMENTS);
  return Object.fromEntries(written.map(([name, value]) => [
    redactStart(name, MAX_NAME, redact),
    auditArgument(name, value, redact),
  ]));
}

function auditArgument(name: string, value: unknown, redact: Redact): AuditArgument {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "string") return digest(JSON.stringify(value));
  if (!CLEAR.has(name)) return digest(value);
  if (value.length <= MAX_CLEAR) return redact(value);
  return { ...digest(value), start: redactStart(value, MAX_CLEAR, redact) };
}

function digest(text: string): Digest {
  const bytes = new TextEncoder().encode(text);
  return { length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
