import { type Redact, redactEnd, redactStart } from "../base/text/redact.ts";
import type { JsonObject } from "../mcp/message.ts";
import { foldNames } from "../targets/fold_names.ts";
import { visibleText } from "./visible_text.ts";

/** Characters of a longer text that are shown, of its start and its end. */
const SHOWN = { start: 3_000, end: 1_000 } as const;
const MAX_NAME = 64;
/** Arguments that are shown, and characters of all. */
const MAX_ARGUMENTS = 32;
const MAX_CHARS = 16_000;
/** Characters of the names of hosts. */
const MAX_HOSTS = 2_000;

/** A call, as far as a person is to know it. */
export interface DescribedCall {
  readonly tool: string;
  readonly principal: string;
  /** The names of its hosts. */
  readonly hosts: readonly string[];
  /** Without those that say which hosts these are. */
  readonly args: JsonObject;
  /** What runs; undefined: the arguments say so. */
  readonly command: string | undefined;
}

/** What a person reads of a call before it is allowed, a line for each part of it. */
export function describeCall(call: DescribedCall, redact: Redact): string {
  const { tool, principal, hosts, args, command } = call;
  const parts = [
    ...(command === undefined ? [] : [describeValue("runs", command, redact)]),
    ...Object.entries(args).slice(0, MAX_ARGUMENTS)
      .map(([name, value]) => describeValue(shownName(name, redact), value, redact)),
  ];
  const more = Object.keys(args).length - MAX_ARGUMENTS;
  const place = describeHosts(hosts);
  const shown: string[] = [];
  let [chars, left] = [0, place.leftOut];
  for (const { text, leftOut } of parts) {
    const hasRoom = chars + text.length <= MAX_CHARS;
    if (hasRoom) shown.push(text);
    chars += hasRoom ? text.length : 0;
    left += hasRoom ? leftOut : text.length;
  }
  return [
    `tool: ${tool}`,
    `client: ${principal}`,
    place.text,
    ...shown,
    ...(more > 0 ? [`NOT SHOWN: ${more} more arguments`] : []),
    ...(left > 0 ? [`NOT SHOWN: ${count(left)} of this call`] : []),
  ].join("\n");
}

/** Their names, folded: `web[01-03]`. */
export function shownHosts(hosts: readonly string[]): string {
  return foldHosts(hosts).text;
}

/** `hosts (3): web[01-03]`. */
function describeHosts(hosts: readonly string[]): Described {
  const { text, leftOut } = foldHosts(hosts);
  const name = hosts.length === 1 ? "host" : `hosts (${hosts.length})`;
  return { text: `${name}: ${text}`, leftOut };
}

function foldHosts(hosts: readonly string[]): Described {
  const folded = foldNames(hosts);
  const leftOut = Math.max(0, folded.length - MAX_HOSTS);
  return {
    text: leftOut === 0 ? folded : `${folded.slice(0, MAX_HOSTS)} [${count(leftOut)} more]`,
    leftOut,
  };
}

/** Some lines, and how many of its characters they leave out. */
interface Described {
  readonly text: string;
  readonly leftOut: number;
}

function describeValue(name: string, value: unknown, redact: Redact): Described {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  const { start, end } = SHOWN;
  const leftOut = Math.max(0, text.length - start - end);
  const pieces = leftOut === 0 ? [visibleText(redact(text))] : [
    visibleText(redactStart(text, start, redact)),
    `[${count(leftOut)} are not shown here]`,
    visibleText(redactEnd(text, end, redact)),
  ];
  const shown = pieces.join("\n");
  const isBlock = typeof value === "string" && (BLOCKS.has(name) || /\n|^\s|\s$/.test(shown));
  // Indented, so that no line of it can be read as one of ours.
  const written = isBlock ? `\n${shown.replace(/^/gm, "    ")}` : ` ${shown}`;
  return { text: `${name}:${written}`, leftOut };
}

/** Texts that always have lines of their own. */
const BLOCKS: ReadonlySet<string> = new Set(["runs", "command", "content", "check"]);

/** What lines of ours begin with. */
const OWN_NAMES: ReadonlySet<string> = new Set(["tool", "client", "host", "hosts", "runs"]);

/** A name that somebody else chose. */
function shownName(name: string, redact: Redact): string {
  const shown = visibleText(redactStart(name, MAX_NAME, redact));
  const isPlain = /^[A-Za-z0-9_.-]+$/.test(name) && !OWN_NAMES.has(name);
  return isPlain ? shown : JSON.stringify(shown);
}

function count(chars: number): string {
  return `${chars.toLocaleString("en-US")} characters`;
}
