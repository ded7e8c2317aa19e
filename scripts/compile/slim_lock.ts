import { z } from "zod";

/** What matters here of a lock file of version 5. */
const lockFile = z.object({
  version: z.literal("5"),
  /** `npm:name@range` → version. */
  specifiers: z.record(z.string(), z.string()),
  /** `name@version` → the package; a dependency is a name, with a version where there are several. */
  npm: z.record(z.string(), z.looseObject({ dependencies: z.array(z.string()).default([]) })),
});

/**
 * The lock file without packages that none of these `npm:name@version` needs. Nothing is resolved
 * anew: with `--frozen`, Deno refuses it if a package is missing.
 */
export function slimLock(text: string, specifiers: readonly string[]): string {
  const { version, npm, ...lock } = lockFile.parse(JSON.parse(text));
  const kept: typeof npm = {};
  const keep = (wanted: string) => {
    for (const [key, entry] of Object.entries(npm)) {
      const name = key.replace(/(?<=.)@.*/, "");
      if (key in kept || (key !== wanted && name !== wanted)) continue;
      kept[key] = entry;
      entry.dependencies.forEach(keep);
    }
  };
  for (const specifier of specifiers) keep(specifier.replace("npm:", ""));
  return JSON.stringify({
    version,
    specifiers: Object.fromEntries(
      Object.entries(lock.specifiers).filter(([specifier]) => specifiers.includes(specifier)),
    ),
    npm: kept,
    workspace: { dependencies: specifiers },
  });
}
