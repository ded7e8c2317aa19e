import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/text/error_text.ts";
import { PackageError } from "./build.ts";
import type { Architecture } from "./control.ts";

/** What `deno task deb` is asked for. */
export interface DebOptions {
  readonly architecture: Architecture;
  /** What the names of the binaries in `dist/` end with. */
  readonly suffix: string;
}

/** Targets of `deno task compile` that have packages. */
const TARGETS: ReadonlyMap<string, Architecture> = new Map([
  ["linux-x64", "amd64"],
  ["linux-arm64", "arm64"],
]);

/** Parses the arguments; `arch` is that of this machine. Throws a `PackageError`. */
export function parseOptions(args: readonly string[], arch: typeof Deno.build.arch): DebOptions {
  const target = parseTarget(args);
  if (target === undefined) {
    return { architecture: arch === "aarch64" ? "arm64" : "amd64", suffix: "" };
  }
  const architecture = TARGETS.get(target);
  if (architecture === undefined) {
    const names = [...TARGETS.keys()].join(" or ");
    throw new PackageError(`"--target" must be ${names}, not "${target}"`);
  }
  return { architecture, suffix: `-${target}` };
}

function parseTarget(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { target: { type: "string" } } }).values.target;
  } catch (error) {
    const usage = `deno task deb [--target ${[...TARGETS.keys()].join("|")}]`;
    throw new PackageError(`${messageOf(error)}\nUsage: ${usage}`);
  }
}
