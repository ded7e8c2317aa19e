/** What a call is about to do; nothing of it has been sent. */
export interface Intent {
  /** What it uses: one tool often, more for one that does the work of others. */
  readonly uses: readonly ToolUse[];
  /** What it runs where its arguments do not say so themselves: a named command, filled in. */
  readonly command?: { readonly text: string; readonly mustBeConfirmed: boolean };
}

/** A tool on hosts, by the names of both. */
export interface ToolUse {
  readonly tool: string;
  readonly readOnly: boolean;
  readonly hosts: readonly string[];
}

/** Asks whether a call may go on. Resolves with why it may not; null: it may. */
export type Confirm = (intent: Intent) => Promise<string | null>;

/** The names of all hosts of an intent, each once, in order. */
export function hostsOfIntent({ uses }: Intent): readonly string[] {
  return [...new Set(uses.flatMap(({ hosts }) => hosts))].sort();
}
