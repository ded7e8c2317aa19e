import { nkeys } from "@nats-io/transport-node";

/** What a seed of a user begins with; its public key begins with U. */
const USER_SEED = /^SU[A-Z2-7]{56}$/;

/** A key with which a user signs in; the server knows its public half alone. */
export interface UserKey {
  readonly seed: string;
  readonly publicKey: string;
}

/** Makes a new key. */
export function createUserKey(): UserKey {
  const pair = nkeys.createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** The public key of the seed in a file; null: there is none, or not of a user. */
export function publicKeyOf(fileText: string): string | null {
  const seed = readSeed(fileText);
  if (seed === null) return null;
  try {
    return nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
  } catch {
    return null;
  }
}

/** The seed in a file, among comments and empty lines; null: there is none, or not of a user. */
export function readSeed(fileText: string): string | null {
  const lines = fileText.split("\n").map((line) => line.trim());
  return lines.find((line) => USER_SEED.test(line)) ?? null;
}
