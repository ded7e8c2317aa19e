import { readAnsible } from "./ansible.ts";
import type { Homes } from "./homes.ts";
import { InputError, readInput, readInputFile } from "./read_input.ts";
import { type ImportSource, MAX_HOSTS, type StatedHosts, unusable } from "./source.ts";
import { MAX_CONFIG_BYTES, readSshConfig } from "./ssh_config/read.ts";
import { readTailscale } from "./tailscale.ts";

/** Where the hosts come from. */
export interface SourceInputs {
  /** The file; `-`: standard input. */
  readonly file: string;
  readonly stdin: ReadableStream<Uint8Array>;
  readonly homes: Homes;
  readonly uid: number | null;
}

/** The most that is read of an inventory, which may hold much besides hosts. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** What standard input is called in messages. */
export const STDIN = "<stdin>";

/** Reads the hosts of another program from a file or from standard input. */
export async function readSource(
  source: ImportSource,
  inputs: SourceInputs,
): Promise<StatedHosts> {
  const stated = await readAll(source, inputs);
  if (stated.hosts.length <= MAX_HOSTS) return stated;
  const message = `names too many hosts: at most ${MAX_HOSTS} are imported`;
  return { hosts: [], problems: [unusable(nameOf(inputs), message)] };
}

function nameOf({ file }: SourceInputs): string {
  return file === "-" ? STDIN : file;
}

async function readAll(source: ImportSource, inputs: SourceInputs): Promise<StatedHosts> {
  const { file, stdin, homes, uid } = inputs;
  const isStdin = file === "-";
  if (source === "ssh-config" && !isStdin) return await readSshConfig(file, { homes, uid });
  const name = nameOf(inputs);
  try {
    const limit = { max: source === "ssh-config" ? MAX_CONFIG_BYTES : MAX_JSON_BYTES };
    const text = isStdin ? await readInput(stdin, limit) : await readInputFile(file, limit);
    switch (source) {
      case "ssh-config":
        return await readSshConfig(name, { homes, uid, text });
      case "ansible":
        return readAnsible(text, name);
      case "tailscale":
        return readTailscale(text, name);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { hosts: [], problems: [unusable(name, error.message)] };
  }
}
