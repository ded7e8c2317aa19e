import type { Pause } from "../bursts.ts";
import type { Secret } from "../secret.ts";

/** How much is searched beyond what is shown: a secret may begin there. */
const MARGIN = 4_096;

/** Replaces every known secret in a text by `[secret]`. */
export type Redact = (text: string) => string;

/** What stands behind a text that was cut off before its secrets were hidden. */
export const CUT_MARK = "[…]";
/** How much of a secret before that may be chance. */
const MIN_START = 4;

/**
 * Makes a `Redact` for a set of secrets. All are looked for in one pass, so that a call costs about
 * the same for one host and for a thousand.
 */
export function createRedact(secrets: Iterable<Secret>): Redact {
  const texts = new Set([...secrets].flatMap((secret) => [secret.reveal(), asJson(secret)]));
  if (texts.size === 0) return (text) => text;
  // Where one secret starts like another, the longer one must be tried first.
  const alternatives = [...texts].sort((a, b) => b.length - a.length).map(RegExp.escape);
  const pattern = new RegExp(alternatives.join("|"), "g");
  const hideStarts = createHideStarts(texts);
  return (text) => hideStarts(text.replace(pattern, "[secret]"));
}

/** Hides what a secret begins with, where a text was cut off within one. */
function createHideStarts(secrets: ReadonlySet<string>): Redact {
  const longest = Math.max(...[...secrets].map(({ length }) => length));
  const byStart = Map.groupBy(secrets, (secret) => secret.slice(0, MIN_START));

  function findStart(text: string, end: number): number | null {
    for (let at = Math.max(0, end - longest); at <= end - MIN_START; at++) {
      const candidates = byStart.get(text.slice(at, at + MIN_START)) ?? [];
      if (candidates.some((secret) => secret.startsWith(text.slice(at, end)))) return at;
    }
    return null;
  }

  return function hideStarts(text) {
    let [shown, from] = ["", 0];
    for (let end = text.indexOf(CUT_MARK); end >= 0; end = text.indexOf(CUT_MARK, end + 1)) {
      const start = findStart(text, end);
      if (start === null || start < from) continue;
      shown += `${text.slice(from, start)}[secret]`;
      from = end;
    }
    return from === 0 ? text : shown + text.slice(from);
  };
}

/** How a JSON text holds it. */
function asJson(secret: Secret): string {
  return JSON.stringify(secret.reveal()).slice(1, -1);
}

/** The first `max` characters of a text, and `…` if there are more. Cut last, or half a secret shows. */
export function redactStart(text: string, max: number, redact: Redact): string {
  const start = redact(text.slice(0, max + MARGIN));
  return start.length <= max && text.length <= max + MARGIN ? start : `${start.slice(0, max)}…`;
}

/** The last `max` characters of a text, behind `…` if there are more; cut last, too. */
export function redactEnd(text: string, max: number, redact: Redact): string {
  const end = redact(text.slice(-(max + MARGIN)));
  return end.length <= max && text.length <= max + MARGIN ? end : `…${end.slice(-max)}`;
}

/** Characters that are searched before other work may have its turn: 0.1 to 1 ms. */
const STEP_CHARS = 64 * 1024;

/** A whole long text; other work has its turn, unless there is a secret in it. */
export async function redactInSteps(text: string, redact: Redact, pause: Pause): Promise<string> {
  for (let start = 0; start < text.length; start += STEP_CHARS) {
    await pause();
    const part = text.slice(start, start + STEP_CHARS + MARGIN);
    if (redact(part) !== part) return redact(text);
  }
  return text;
}
