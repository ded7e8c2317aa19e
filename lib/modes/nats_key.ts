import type { Command } from "../cli/command.ts";
import { findNameFault } from "../config/registry/address.ts";
import { readFailure } from "../config/sources.ts";
import { complain, EXIT, type Program } from "../hub/program.ts";
import { formatUser, type NatsUser } from "../nats/permissions.ts";
import { createUserKey, publicKeyOf } from "../nats/user_key.ts";

/** `--nats-key`, parsed. */
export type NatsKeyCommand = Extract<Command, { readonly mode: "nats-key" }>;

/** The process that `--nats-key` runs in. */
export interface NatsKeyProgram extends Program {
  /** Writes a file that is not there yet, and that only its owner may read. */
  readonly writeNewFile: (path: string, text: string) => Promise<void>;
}

/** Says in one line why there is no key. */
class KeyError extends Error {
  override readonly name = "KeyError";
}

/**
 * Makes a key for NATS, unless the file holds one, and prints the entry with which the broker lets it
 * in. The seed is never printed. The exit status: 0, or 2 if there is no key.
 */
export async function runNatsKey(
  { file, role }: NatsKeyCommand,
  program: NatsKeyProgram,
): Promise<number> {
  try {
    const user: NatsUser = role === "hub" ? { kind: "hub" } : agentOf(program);
    program.stdout(formatUser(await findOrMakeKey(file, program), user));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    complain(program, error.message);
    return EXIT.unusable;
  }
}

function agentOf({ env }: Pick<Program, "env">): NatsUser {
  const host = env("LMCP_NATS_NAME");
  if (host === undefined || host === "") {
    throw new KeyError(
      "set LMCP_NATS_NAME to the name that the hub's registry has for this host",
    );
  }
  const fault = findNameFault(host, "host");
  if (fault !== null) throw new KeyError(`LMCP_NATS_NAME: ${fault}`);
  return { kind: "agent", host };
}

/** The public key. */
async function findOrMakeKey(file: string, program: NatsKeyProgram): Promise<string> {
  const text = await readIfThere(file, program);
  if (text === null) {
    const { seed, publicKey } = createUserKey();
    await program.writeNewFile(file, `${seed}\n`).catch((error) => {
      throw new KeyError(`cannot write "${file}": ${writeFailure(error)}`);
    });
    return publicKey;
  }
  const publicKey = publicKeyOf(text);
  if (publicKey === null) {
    throw new KeyError(`"${file}" does not hold the seed of a user's key, and is left as it is`);
  }
  return publicKey;
}

async function readIfThere(file: string, program: Program): Promise<string | null> {
  try {
    return await program.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new KeyError(`cannot read "${file}": ${readFailure(error)}`);
  }
}

function writeFailure(error: unknown): string {
  return error instanceof Deno.errors.NotCapable
    ? "the program itself may not write there, only below /var/lib/lmcp-hub"
    : readFailure(error);
}
