import { createHash, randomBytes } from "node:crypto";

/** How many values an `IdStore` keeps. */
export interface IdStoreBounds {
  readonly max: number;
  readonly maxOfPrincipal: number;
}

/** The base64url form of 256 bits. */
const ID = /^[\w-]{43}$/;

/**
 * Values by random ids of 256 bits. Only the digests of ids are kept, so that what the memory shows
 * is no id. Where there are too many, the least recently used one goes.
 */
export class IdStore<Value extends { readonly principal: string }> {
  readonly #bounds: IdStoreBounds;
  /** By digest, the least recently used first. */
  readonly #values = new Map<string, Value>();

  constructor(bounds: IdStoreBounds) {
    this.#bounds = bounds;
  }

  /** Keeps a value; returns its id. */
  add(value: Value): string {
    const { max, maxOfPrincipal } = this.#bounds;
    const own = [...this.#values].filter(([, { principal }]) => principal === value.principal);
    const [oldest] = own.length >= maxOfPrincipal
      ? own
      : this.#values.size >= max
      ? this.#values
      : [];
    if (oldest !== undefined) this.#values.delete(oldest[0]);
    const id = randomBytes(32).toString("base64url");
    this.#values.set(digestOf(id), value);
    return id;
  }

  /** The value of an id, which has been used now; null: there is none. */
  use(id: string): Value | null {
    if (!ID.test(id)) return null;
    const digest = digestOf(id);
    const value = this.#values.get(digest);
    if (value === undefined) return null;
    this.#values.delete(digest);
    this.#values.set(digest, value);
    return value;
  }

  /** Forgets a value. */
  remove(id: string): void {
    this.#values.delete(digestOf(id));
  }
}

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
