import { runDeno } from "./run_deno.ts";

/** The program as one file, removed when it is disposed of. */
export interface Bundle extends AsyncDisposable {
  /** Path from the root of the checkout. */
  readonly path: string;
}

/**
 * The globals that Deno provides to npm packages. To a bundle, Deno 2.6 provides the web's timers
 * instead, with which undici fails.
 */
const PACKAGE_GLOBALS = `import {
  clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout,
} from "node:timers";
`;

/**
 * Checks and bundles `main.ts`. `deno compile main.ts` would include every file of every package in
 * `deno.lock`, also those for tests only: a quarter of the binary and of its memory.
 */
export async function bundleProgram(root: string): Promise<Bundle> {
  const path = "dist/main.js";
  // `deno bundle --check` does not check anything in Deno 2.6.
  await runDeno(root, ["check", "--frozen", "main.ts"]);
  await writeBundle(root, root + path);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(root + path) };
}

/** Writes `main.ts` as one file, without a check of its types. */
export async function writeBundle(root: string, path: string): Promise<void> {
  await runDeno(root, ["bundle", "--frozen", "--platform=deno", `--output=${path}`, "main.ts"]);
  const program = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, PACKAGE_GLOBALS + escapeWide(program));
}

/**
 * The program without characters beyond Latin-1, which occur only in strings and comments: a single
 * one makes V8 store the whole program with two bytes per character, 2 MB more.
 */
function escapeWide(program: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return program.replace(/[^\0-\xff]/g, escape);
}
