import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { CallRecord } from "../../../lib/calls/record.ts";
import { createRedact } from "../../../lib/base/text/redact.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { callRecord } from "../../calls/record.ts";
import { writes } from "../writes.ts";

const redact = createRedact([new Secret("canary-token")]);

/** The tool of these calls declares some arguments. */
export const CONTEXT = { redact, declared: ["host", "command", "cwd", "timeout"] };

/** The line that is written for a call that has ended. */
export function lineOf(call: Partial<CallRecord>): string {
  const lines = writes((audit) => audit.end(callRecord(call), CONTEXT));
  assert.equal(lines.length, 1);
  return lines.join("");
}

/** The same, read. */
export function recordOf(call: Partial<CallRecord>) {
  return JSON.parse(lineOf(call));
}

/** What that line holds of a call's arguments. */
export function argumentsOf(args: CallRecord["args"]) {
  return recordOf({ args }).arguments;
}

/** The digest that is written instead of a text. */
export function digestOf(text: string) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { length: new TextEncoder().encode(text).length, sha256 };
}

/** Arguments of any number that no tool declares. */
export function others(count: number, name = "x"): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}${index}`, index]),
  );
}
