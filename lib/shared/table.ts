/** A value of a table. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Differs with each write. */
  readonly revision: number;
}

/** What was read; `away`: the table cannot be reached now. */
export type Read =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "none" }
  | { readonly kind: "away" };

/** What became of a write; `conflict`: another revision is there than was expected. */
export type Write =
  | { readonly kind: "written"; readonly revision: number }
  | { readonly kind: "conflict" }
  | { readonly kind: "away" };

/** What happens to a table that is watched. */
export type Change =
  | { readonly kind: "put"; readonly entry: Entry }
  | { readonly kind: "removed"; readonly key: string }
  /** These keys are all that there are: what is known of others is old. */
  | { readonly kind: "complete"; readonly keys: ReadonlySet<string> };

/**
 * A table that several hubs have in common. Keys are tokens of letters, digits, `-`, `_` and `=`, with
 * dots between them; in a filter `*` is any one token. What it holds may be of another version of this
 * program, or broken: whoever reads it checks its shape. Nothing here rejects.
 */
export interface Table {
  readonly read: (key: string) => Promise<Read>;
  /** Writes a value over the revision that is expected: 0: none is there; null: whatever is. */
  readonly write: (key: string, value: Uint8Array, expected: number | null) => Promise<Write>;
  /** Removes all entries of a filter, which watchers need not hear of; false: they may be there. */
  readonly remove: (filter: string) => Promise<boolean>;
  /**
   * Calls back with all entries of a filter, and with each change from then on, as far as the table
   * can be reached. Returns the function that ends it.
   */
  readonly watch: (filter: string, listener: (change: Change) => void) => () => void;
}
