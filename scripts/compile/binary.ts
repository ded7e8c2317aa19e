import { roleArgument } from "../../lib/cli/role.ts";
import type { Role } from "../../lib/config/variables.ts";
import { runDeno } from "./run_deno.ts";
import type { Target } from "./target.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** What a binary is compiled from. */
export interface BinarySource {
  /** The checkout, with a final slash. */
  readonly root: string;
  /** Path of the bundle from there. */
  readonly bundle: string;
  /** The permission set in `deno.json` that it gets. */
  readonly role: Role;
  /** null: for this machine. */
  readonly target: Target | null;
}

/** Compiles a binary into `dist/`; returns its file name. */
export async function compileBinary({ root, bundle, role, target }: BinarySource): Promise<string> {
  const file = target === null ? `lmcp-${role}` : `lmcp-${role}-${target.name}`;
  await runDeno(root, [
    "compile",
    `--permission-set=${role}`,
    "--no-prompt",
    // The cache would contain code, in /tmp under a name that anyone can guess.
    "--no-code-cache",
    V8_FLAGS,
    // The bundle has been checked.
    "--no-check",
    ...(target === null ? [] : [`--target=${target.triple}`]),
    `--output=dist/${file}`,
    bundle,
    roleArgument(role),
  ]);
  return file;
}
