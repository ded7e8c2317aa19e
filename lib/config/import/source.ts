import type { Problem } from "../../base/problem.ts";

/** The programs whose hosts can be imported. */
export const IMPORT_SOURCES = ["ssh-config", "ansible", "tailscale"] as const;

/** A program whose hosts can be imported. */
export type ImportSource = (typeof IMPORT_SOURCES)[number];

/** The most hosts that are imported at once. */
export const MAX_HOSTS = 10_000;

/** A host as a source states it: nothing of it is checked. */
export interface StatedHost {
  readonly name: string;
  readonly sshHost: string;
  readonly tags: readonly string[];
  /** What else the operator should know, a line each; never a secret. */
  readonly notes: readonly string[];
  /** Where it is stated: a file, and a line in it, where there are lines. */
  readonly source: string;
  readonly line: number | null;
}

/** The hosts that a source states, in its order, and what is wrong with it; an error: use none. */
export interface StatedHosts {
  readonly hosts: readonly StatedHost[];
  readonly problems: readonly Problem[];
}

/** What a source says that cannot be used at all. */
export function unusable(source: string, message: string, field: string | null = null): Problem {
  return { severity: "error", source, line: null, field, message };
}
