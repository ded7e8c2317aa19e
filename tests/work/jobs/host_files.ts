/** A directory of programs to be the only one in `PATH`. */
export interface Programs extends AsyncDisposable {
  readonly path: string;
  /** Adds one, as a script for bash. */
  readonly add: (name: string, script: string) => Promise<void>;
}

/** Makes a `Programs` that has bash and these. */
export async function onlyPrograms(names: readonly string[]): Promise<Programs> {
  const path = await Deno.makeTempDir();
  for (const name of ["bash", ...names]) await Deno.symlink(`/usr/bin/${name}`, `${path}/${name}`);
  return {
    path,
    add: (name, script) =>
      Deno.writeTextFile(`${path}/${name}`, `#!/usr/bin/bash\n${script}\n`, { mode: 0o755 }),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The permissions of a file. */
export async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}
