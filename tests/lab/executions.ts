/** A word that marks one call wherever it turns up: in arguments, scripts and files. */
export type Nonce = `nonce${string}`;

/** A new nonce. */
export function createNonce(): Nonce {
  return `nonce${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Counts how often each call has run, by tool and by the nonce in what it was given. */
export class Executions {
  readonly #counts = new Map<string, number>();

  /** Notes that `tool` ran with something in which a nonce may stand. */
  record(tool: string, given: string): void {
    const [nonce = ""] = /nonce[0-9a-f]+/.exec(given) ?? [];
    for (const key of [nonce, `${tool} ${nonce}`]) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** How often the call of this nonce has run, with any tool or with one. */
  count(nonce: Nonce, tool?: string): number {
    return this.#counts.get(tool === undefined ? nonce : `${tool} ${nonce}`) ?? 0;
  }
}
