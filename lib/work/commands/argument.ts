import { showValue } from "../../mcp/arguments/shown_value.ts";

/** Characters of an argument whose entry does not say. */
export const DEFAULT_MAX_LENGTH = 256;

/** What the values of an argument may be. */
export type ArgumentType =
  /** A text. */
  | {
    readonly kind: "text";
    /** In RE2 syntax, for texts about it. */
    readonly pattern: string;
    /** Whether a whole text is what the pattern says. */
    readonly matches: (text: string) => boolean;
    /** In characters, as JavaScript counts them. */
    readonly maxLength: number;
    /** Whether it may have line breaks and other control characters. */
    readonly multiline: boolean;
    /** Whether it is always an option, so that it may begin with a dash wherever it stands. */
    readonly isOption: boolean;
  }
  /** One of these texts. */
  | { readonly kind: "choice"; readonly values: readonly string[] }
  /** A whole number. */
  | { readonly kind: "number"; readonly min: number; readonly max: number };

/** An argument of a named command. */
export interface CommandArgument {
  readonly type: ArgumentType;
  /** Its value if a call has none; null: there is none. */
  readonly default: string | null;
  /** Whether the elements in which it stands are left out if a call has no value for it. */
  readonly isOptional: boolean;
}

/** A value as the host gets it, or why it is none, in words that follow the value. */
export type ReadValue = { readonly text: string } | { readonly fault: string };

/** Reads a value of a call. A whole number is accepted as a text, and the other way round. */
export function readValue(value: unknown, type: ArgumentType): ReadValue {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string") {
    return { fault: `${showValue(value)} is not ${describeKind(type)}` };
  }
  const fault = findFault(text, type);
  return fault === null ? { text } : { fault: `${showValue(value)}: ${fault}` };
}

function findFault(text: string, type: ArgumentType): string | null {
  switch (type.kind) {
    case "text":
      return findTextFault(text, type);
    case "choice":
      return type.values.includes(text) ? null : `it is not ${describeKind(type)}`;
    case "number":
      return isNumberWithin(text, type) ? null : `it is not ${describeKind(type)}`;
  }
}

/** What would hold up the pattern, or reach the host as something else, is refused before. */
function findTextFault(
  text: string,
  { pattern, matches, maxLength, multiline }: Extract<ArgumentType, { kind: "text" }>,
): string | null {
  if (text.length > maxLength) return `it has more than ${maxLength} characters`;
  if (text.includes("\0")) return "it holds a NUL character";
  if (!text.isWellFormed()) return "it holds half of a surrogate pair";
  if (!multiline && /\p{Cc}/u.test(text)) return "it holds a line break or control character";
  return matches(text) ? null : `it is not ${shorten(pattern)} as a whole`;
}

function isNumberWithin(
  text: string,
  { min, max }: Extract<ArgumentType, { kind: "number" }>,
): boolean {
  return /^(0|-?[1-9]\d{0,15})$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** Whether a value may begin with a dash also where its host could read it as an option. */
export function mayBeOption(type: ArgumentType): boolean {
  return type.kind !== "text" || type.isOption;
}

/** Characters of a pattern, and of a list of values, that are shown. */
const MAX_SHOWN = 80;

/** What values there are, for whoever calls: `[a-z]+`, `a|b`, `1..9`. */
export function describeType(type: ArgumentType): string {
  switch (type.kind) {
    case "text":
      return shorten(type.pattern);
    case "choice":
      return shorten(type.values.map((value) => value === "" ? '""' : value).join("|"));
    case "number":
      return `${type.min}..${type.max}`;
  }
}

function describeKind(type: ArgumentType): string {
  switch (type.kind) {
    case "text":
      return "a text";
    case "choice":
      return `one of ${describeType(type)}`;
    case "number":
      return `a whole number from ${type.min} to ${type.max}`;
  }
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1).toWellFormed()}…`;
}
