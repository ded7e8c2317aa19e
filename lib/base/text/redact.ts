import type { Pause } from "../bursts.ts";
import type { Secret } from "../secret.ts";

/** How much is searched beyond what is shown: a secret may begin there. */
const MARGIN = 4_096;

/** Replaces every known secret in a text by `[secret]`. */
export type Redact = (text: string) => string;

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
  return (text) => text.replace(pattern, "[secret]");
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
