/** One that has not been heard of for so long is gone. */
const SILENT_MS = 7_000;
/** Ids that are remembered: there is a hub for each, or somebody makes them up. */
const MAX_HUBS = 64;

/** What `Members` need. */
export interface MembersOptions {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
}

/** The other hubs that have been heard of lately. */
export class Members {
  readonly #options: MembersOptions;
  readonly #heardAt = new Map<string, number>();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  others(): readonly string[] {
    return [...this.#heardAt.keys()];
  }

  /** Whether it is a new one. */
  add(hub: string): boolean {
    const isNew = !this.#heardAt.has(hub);
    if (isNew && this.#heardAt.size >= MAX_HUBS) return false;
    this.#heardAt.set(hub, this.#options.now());
    if (isNew) this.#options.onChange();
    return isNew;
  }

  remove(hub: string): void {
    if (this.#heardAt.delete(hub)) this.#options.onChange();
  }

  dropSilent(): void {
    const since = this.#options.now() - SILENT_MS;
    for (const [hub, at] of this.#heardAt) if (at < since) this.remove(hub);
  }
}
