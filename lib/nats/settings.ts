import type { Secret } from "../base/secret.ts";

/** How a program reaches NATS. Files have been read: these are what they hold. */
export interface NatsSettings {
  /** `HOST:PORT` of each server; any of them serves. */
  readonly servers: readonly string[];
  /** Whether a server without TLS is refused. */
  readonly needsTls: boolean;
  /** A credentials file: a JWT and the seed of its key; null: none. */
  readonly credentials: Secret | null;
  /** The seed of a key whose public half the server knows; null: none. */
  readonly seed: Secret | null;
  readonly user: string | null;
  readonly password: Secret | null;
  /** PEM texts; null: the system's authorities, and no certificate of our own. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: Secret | null;
}
