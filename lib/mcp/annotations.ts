import type { ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";

/** What a tool declares of its effects. */
export interface Effects {
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** Repeating a call changes nothing more; default: whether it is `readOnly`. */
  readonly idempotent?: boolean;
  /** What it does is the caller's choice, and may reach anything; default false. */
  readonly openWorld?: boolean;
}

/**
 * The hints that clients are given of a tool's effects. What changes anything counts as destructive,
 * since it may replace what was there; of what only reads, two of the hints say nothing.
 */
export function toAnnotations(effects: Effects): ToolAnnotations {
  const { readOnly, idempotent = readOnly, openWorld = false } = effects;
  const changes = readOnly ? {} : { destructiveHint: true, idempotentHint: idempotent };
  return { readOnlyHint: readOnly, ...changes, openWorldHint: openWorld };
}
