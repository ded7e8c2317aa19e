import { messageOf } from "../../lib/base/text/error_text.ts";
import { parseArgs } from "node:util";
import { CompileError } from "./compile_error.ts";

/** A platform to compile for. */
export interface Target {
  /** As in `--target` and in file names. */
  readonly name: string;
  /** As `deno compile --target` calls it. */
  readonly triple: string;
}

const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu" },
  { name: "macos-x64", triple: "x86_64-apple-darwin" },
  { name: "macos-arm64", triple: "aarch64-apple-darwin" },
];

/** The targets on a command line; null: this machine. Throws a `CompileError`. */
export function parseTargets(args: readonly string[]): readonly (Target | null)[] {
  const names = targetNames(args);
  return names.length === 0 ? [null] : names.map(findTarget);
}

function targetNames(args: readonly string[]): readonly string[] {
  try {
    const options = { target: { type: "string", multiple: true } } as const;
    return parseArgs({ args: [...args], options }).values.target ?? [];
  } catch (error) {
    const usage = `deno task compile [--target ${TARGETS.map(({ name }) => name).join("|")}]...`;
    throw new CompileError(`${messageOf(error)}\nUsage: ${usage}`);
  }
}

function findTarget(name: string): Target {
  const target = TARGETS.find((target) => target.name === name);
  if (target !== undefined) return target;
  const names = TARGETS.map(({ name }) => name).join(", ");
  throw new CompileError(`"--target" must be one of ${names}, not "${name}"`);
}
