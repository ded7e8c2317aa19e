import { z } from "zod";
import config from "../../deno.json" with { type: "json" };
import { runDeno } from "./run_deno.ts";
import { slimLock } from "./slim_lock.ts";

/** A configuration that names no more packages than the program needs; removed when disposed of. */
export interface SlimConfig extends AsyncDisposable {
  /** Path from the root of the checkout. */
  readonly path: string;
}

/** What `deno info --json` tells of imports; one without `code` is there for its types alone. */
const info = z.object({
  modules: z.array(z.object({
    dependencies: z.array(z.object({ specifier: z.string(), code: z.unknown().optional() }))
      .default([]),
  })),
});

/**
 * Writes `deno.json` and `deno.lock` anew, without the packages that only tests use or that
 * `main.ts` imports types from: `deno compile` takes in all that they name, which would be a fifth
 * of the binary, and a quarter of the memory it starts with.
 *
 * A bundle would be smaller still, but it makes packages run as if they were the program's own
 * modules: Deno 2.6 gives those the web's timers instead of Node's, and with them undici fails.
 */
export async function writeSlimConfig(root: string): Promise<SlimConfig> {
  const imports = await usedImports(root);
  const { nodeModulesDir, permissions } = config;
  const lock = { path: "compile.lock", frozen: true };
  const specifiers = Object.values(imports)
    .map((url) => url.replace(/^npm:\/?/, "npm:").replace(/\/$/, ""));
  const files = [
    ["dist/compile.json", JSON.stringify({ nodeModulesDir, permissions, imports, lock })],
    ["dist/compile.lock", slimLock(await Deno.readTextFile(`${root}deno.lock`), specifiers)],
  ] as const;
  for (const [path, text] of files) await Deno.writeTextFile(root + path, text);
  return {
    path: files[0][0],
    [Symbol.asyncDispose]: async () => {
      for (const [path] of files) await Deno.remove(root + path);
    },
  };
}

/** The entries of `imports` that the program loads code by. */
async function usedImports(root: string): Promise<Record<string, string>> {
  const { modules } = info.parse(JSON.parse(await runDeno(root, ["info", "--json", "main.ts"])));
  const loaded = modules.flatMap(({ dependencies }) => dependencies)
    .filter(({ code }) => code !== undefined)
    .map(({ specifier }) => specifier);
  return Object.fromEntries(
    Object.entries(config.imports).filter(([name]) =>
      loaded.some((specifier) =>
        name.endsWith("/") ? specifier.startsWith(name) : specifier === name
      )
    ),
  );
}
