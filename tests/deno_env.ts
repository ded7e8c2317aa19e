/** Where Deno looks for its cache, for a Deno that is started without the rest of the environment. */
export function denoEnv(): Record<string, string> {
  const names = ["HOME", "DENO_DIR"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
