import { type Role, roleArgument } from "../../lib/cli/role.ts";
import { runDeno } from "./run_deno.ts";
import type { Target } from "./target.ts";

/** What a binary is made of. */
export interface BinarySource {
  /** The checkout, with a final slash. */
  readonly root: string;
  /** Path of the bundle from there. */
  readonly bundle: string;
  /** The set of permissions in `deno.json` that it gets, and no more. */
  readonly role: Role;
  /** null: for this machine. */
  readonly target: Target | null;
}

/** Compiles a binary into `dist/`; gives its file name. */
export async function compileBinary({ root, bundle, role, target }: BinarySource): Promise<string> {
  const file = target === null ? `lmcp-${role}` : `lmcp-${role}-${target.name}`;
  await runDeno(root, [
    "compile",
    `--permission-set=${role}`,
    "--no-prompt",
    // Its cache would lie in /tmp under a name that anyone can guess, and hold code.
    "--no-code-cache",
    // MiB for each half of the young generation: a fifth less memory under load, and no slower.
    "--v8-flags=--max-semi-space-size=8",
    // Bundling has checked.
    "--no-check",
    ...(target === null ? [] : [`--target=${target.triple}`]),
    `--output=dist/${file}`,
    bundle,
    roleArgument(role),
  ]);
  return file;
}
