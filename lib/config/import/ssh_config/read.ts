import { resolve } from "node:path";
import type { Problem } from "../../../base/problem.ts";
import { foreignText } from "../../../base/text/foreign_text.ts";
import type { Homes } from "../homes.ts";
import { InputError, readInputFile } from "../read_input.ts";
import { MAX_HOSTS, type StatedHost, type StatedHosts, unusable } from "../source.ts";
import { type Block, EVERY_HOST, type HostBlock, readHostBlock } from "./block.ts";
import { expandGlob } from "./expand_glob.ts";
import { findIncludeBase, type IncludeBase, MAX_PATH_CHARS, toAbsolute } from "./include.ts";
import { type ConfigLine, parseLines } from "./parse_lines.ts";

/** ssh's `READCONF_MAX_DEPTH`. */
const MAX_DEPTH = 16;
const MAX_FILES = 1_000;
/** The most of all files together, in bytes: enough for some 50,000 hosts. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** What ssh's configuration is read with. */
export interface SshConfigInputs {
  /** The text, if it does not come from a file. */
  readonly text?: string;
  readonly homes: Homes;
  readonly uid: number | null;
}

/**
 * Reads the hosts that ssh's configuration names, with the files that it includes: each name of a
 * `Host` line that has no wildcards. What else the configuration says of a host is for ssh to find.
 */
export async function readSshConfig(path: string, inputs: SshConfigInputs): Promise<StatedHosts> {
  const reader = new SshConfigReader(findIncludeBase(resolve(path), inputs.homes, inputs.uid));
  try {
    const text = inputs.text ?? await readInputFile(path, { max: MAX_CONFIG_BYTES });
    await reader.readFile({ path, text, within: [] });
    return { hosts: [...reader.hosts.values()], problems: reader.problems };
  } catch (error) {
    if (error instanceof InputError) {
      return { hosts: [], problems: [unusable(path, error.message)] };
    }
    if (error instanceof ConfigError) return { hosts: [], problems: [error.problem] };
    throw error;
  }
}

/** A file of the configuration. */
interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** The `Host` lines in which it is included, outermost first. */
  readonly within: readonly HostBlock[];
}

/** A line. */
interface Place {
  readonly file: ConfigFile;
  readonly line: ConfigLine;
}

/** What ssh would refuse, and with it the whole configuration. */
class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problem: Problem;

  constructor({ file, line }: Place, message: string) {
    super(message);
    const at = { source: shown(file), line: line.number, field: null };
    this.problem = { severity: "error", ...at, message };
  }
}

class SshConfigReader {
  readonly hosts = new Map<string, StatedHost>();
  readonly problems: Problem[] = [];
  readonly #base: IncludeBase;
  /** The files that are being read, outermost first. */
  readonly #open: string[] = [];
  #files = 0;
  #chars = 0;

  constructor(base: IncludeBase) {
    this.#base = base;
  }

  async readFile(file: ConfigFile): Promise<void> {
    this.#chars += file.text.length;
    this.#open.push(resolve(file.path));
    let block: Block = EVERY_HOST;
    for (const line of parseLines(file.text)) {
      const place = { file, line };
      if (line.fault !== null) throw new ConfigError(place, `ssh refuses ${line.fault}`);
      if (line.keyword === "host") block = this.#readHostLine(place);
      else if (line.keyword === "match") block = this.#readMatchLine(place);
      else if (line.keyword === "include") await this.#readIncludeLine(place, block);
    }
    this.#open.pop();
  }

  #readHostLine(place: Place): HostBlock {
    const { file, line } = place;
    if (line.args.length > MAX_HOSTS) {
      throw new ConfigError(place, `has too many patterns: at most ${MAX_HOSTS}`);
    }
    const block = readHostBlock(line.args, `${shown(file)}:${line.number}`);
    for (const name of block.names) {
      if (!block.applies(name) || this.hosts.has(name)) continue;
      const outer = file.within.find((outer) => !outer.applies(name));
      if (outer === undefined) {
        const where = { source: shown(file), line: line.number };
        this.hosts.set(name, { name, sshHost: name, tags: [], notes: [], ...where });
      } else {
        this.#warn(
          place,
          `${quote(name)} is left out: the Host line at ${outer.place}, in which ` +
            "this file is included, does not match it",
        );
      }
    }
    if (this.hosts.size > MAX_HOSTS) {
      throw new ConfigError(place, `names too many hosts: at most ${MAX_HOSTS} are imported`);
    }
    return block;
  }

  #readMatchLine(place: Place): Block {
    const { args } = place.line;
    if (args.length === 1 && args[0]?.toLowerCase() === "all") return EVERY_HOST;
    this.#warn(place, "a Match block is skipped: only ssh can tell which hosts it is for");
    return "match";
  }

  async #readIncludeLine(place: Place, block: Block): Promise<void> {
    if (block === "match") {
      this.#warn(place, "the Include is skipped, since it is in a Match block");
      return;
    }
    const within = block.place === null ? place.file.within : [...place.file.within, block];
    for (const argument of place.line.args) {
      const absolute = toAbsolute(argument, this.#base);
      if ("fault" in absolute) {
        this.#warn(place, `the Include of ${quote(argument)} is skipped: it ${absolute.fault}`);
        continue;
      }
      for (const path of await expandGlob(absolute.pattern)) {
        if (await this.#isConfigFile(path, place)) await this.#include(path, place, within);
      }
    }
  }

  async #include(path: string, place: Place, within: readonly HostBlock[]): Promise<void> {
    if (this.#open.includes(path)) {
      throw new ConfigError(place, `includes ${quote(path)}, which includes this file`);
    }
    if (this.#open.length > MAX_DEPTH) {
      throw new ConfigError(place, `includes too deep: ssh follows ${MAX_DEPTH} files`);
    }
    if (++this.#files > MAX_FILES) {
      throw new ConfigError(place, `includes too many files: at most ${MAX_FILES}`);
    }
    await this.readFile({ path, text: await this.#readText(path, place), within });
  }

  async #readText(path: string, place: Place): Promise<string> {
    try {
      return await readInputFile(path, { max: MAX_CONFIG_BYTES, taken: this.#chars });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new ConfigError(place, `includes ${quote(path)}: ${error.message}`);
    }
  }

  /** A directory has no lines; to open a pipe or a device could take for ever. */
  async #isConfigFile(path: string, place: Place): Promise<boolean> {
    const found = await Deno.stat(path).catch(() => null);
    if (found === null || found.isDirectory) return false;
    if (found.isFile) return true;
    this.#warn(place, `the Include of ${quote(path)} is skipped: it is not a file`);
    return false;
  }

  #warn({ file, line }: Place, message: string): void {
    const at = { source: shown(file), line: line.number, field: null };
    this.problems.push({ severity: "warning", ...at, message });
  }
}

/** The path of a file, whose name may be anybody's. */
function shown({ path }: ConfigFile): string {
  return foreignText(path, MAX_PATH_CHARS);
}

function quote(text: string): string {
  return JSON.stringify(foreignText(text));
}
