/** What a hub has answered, which may have any shape; `gone`: there is no such hub any more. */
export type PeerAnswer =
  | { readonly kind: "answer"; readonly body: unknown }
  | { readonly kind: "gone" }
  | { readonly kind: "silent" }
  /** It cannot be asked now. */
  | { readonly kind: "away" };

/** Answers what another hub asks; null: it has nothing to say. */
export type Serve = (body: unknown, from: string) => unknown;

/** What is asked, and how long an answer is waited for. */
export interface Question {
  /** One token of letters. */
  readonly topic: string;
  readonly body: unknown;
  readonly timeoutMs: number;
}

/** The other hubs of this fleet. Each has an id of its own, which is another one after a restart. */
export interface Peers {
  /** This hub's. */
  readonly id: string;
  /** Whether they can be reached now. */
  readonly isUp: () => boolean;
  /** Those that have been heard of lately. */
  readonly others: () => readonly string[];
  /** Asks one of them. */
  readonly ask: (hub: string, question: Question) => Promise<PeerAnswer>;
  /** What all others answer within the time, in any order; those that do not answer are left out. */
  readonly askAll: (question: Question) => Promise<readonly unknown[]>;
  /** Answers questions of a topic. Returns the function that ends it. */
  readonly serve: (topic: string, serve: Serve) => () => void;
  /** Calls back when others come or go, or can be reached or not. Returns the function that ends it. */
  readonly watch: (listener: () => void) => () => void;
}
