/**
 * What a client wants of a result: `text` for a model, which gets one text and nothing else;
 * `structured` for a program, which gets `structuredContent` too.
 */
export const RESULT_PROFILES = ["text", "structured"] as const;

/** One of them. */
export type ResultProfile = (typeof RESULT_PROFILES)[number];

/** The profile of that name; null: there is none. */
export function parseResultProfile(name: string): ResultProfile | null {
  return RESULT_PROFILES.find((profile) => profile === name) ?? null;
}
