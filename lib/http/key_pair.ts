import { findKeyFault } from "../base/text/key_fault.ts";
import { messageOf } from "../base/text/error_text.ts";

/** A certificate chain and its key, as PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Why HTTPS cannot be served with a key pair, in words without a final period; null: it can. Deno
 * checks a pair only when it listens, so this listens on loopback for a moment.
 */
export function findKeyPairFault(pair: KeyPair): string | null {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...pair }).close();
    return null;
  } catch (error) {
    const message = messageOf(error);
    const fault = message.includes("No keys found") ? findKeyFault(pair.key) : null;
    if (fault !== null) return `the key file ${fault}`;
    return message.includes("KeyMismatch") ? "the key does not belong to the certificate" : message;
  }
}
