import { runDeno } from "./run_deno.ts";

/** The program as one file, removed when it is disposed of. */
export interface Bundle extends AsyncDisposable {
  /** Path from the root of the checkout. */
  readonly path: string;
}

/**
 * What Deno gives to the modules of npm packages. A bundle is none, and Deno 2.6 would give it the
 * web's timers, with which undici fails.
 */
const PACKAGE_GLOBALS = `import {
  clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout,
} from "node:timers";
`;

/**
 * Checks and bundles `main.ts`. `deno compile main.ts` would take in all files of all packages that
 * `deno.lock` names, those of tests too, which is a quarter of the binary and of its memory.
 */
export async function bundleProgram(root: string): Promise<Bundle> {
  const path = "dist/main.js";
  // `deno bundle --check` of 2.6 checks nothing.
  await runDeno(root, ["check", "main.ts"]);
  await runDeno(root, ["bundle", "--platform=deno", `--output=${path}`, "main.ts"]);
  const program = await Deno.readTextFile(root + path);
  await Deno.writeTextFile(root + path, PACKAGE_GLOBALS + escapeWide(program));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(root + path) };
}

/**
 * The program without characters beyond Latin-1, all of which stand in texts and comments: with a
 * single one of them V8 keeps the whole of it in two bytes a character, 2 MB more.
 */
function escapeWide(program: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return program.replace(/[^\0-\xff]/g, escape);
}
