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
 * since it may replace what was there.
 */
export function toAnnotations(effects: Effects): ToolAnnotations {
  const { readOnly, idempotent = readOnly, openWorld = false } = effects;
  return {
    readOnlyHint: readOnly,
    destructiveHint: !readOnly,
    idempotentHint: idempotent,
    openWorldHint: openWorld,
  };
}
