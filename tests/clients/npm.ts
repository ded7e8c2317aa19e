import type { Program } from "./programs.ts";

const NPM_IS_MISSING = !await hasNpm();

/** Defines a test of a client from npm; it is ignored where npm is missing. */
export function testWithNpm(
  name: string,
  fn: () => Promise<void>,
  options: Pick<Deno.TestDefinition, "sanitizeOps" | "sanitizeResources"> = {},
): void {
  const ignore = NPM_IS_MISSING;
  Deno.test({ name: ignore ? `${name} (ignored: no npm)` : name, ignore, fn, ...options });
}

/** Installs a client where later runs find it, and returns the path of its command. */
export async function installProgram(program: Program): Promise<string> {
  const cache = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/lmcp-hub`;
  const folder = `${cache}/${program.command}-${program.version}`;
  if (!await exists(folder)) {
    await Deno.mkdir(cache, { recursive: true });
    const fresh = await Deno.makeTempDir({ dir: cache });
    try {
      await install(program, fresh);
      await Deno.rename(fresh, folder);
    } catch (error) {
      await Deno.remove(fresh, { recursive: true });
      // Another run may have been faster.
      if (!await exists(folder)) throw error;
    }
  }
  return `${folder}/node_modules/.bin/${program.command}`;
}

/** Of all the scripts of packages, only the one that is named runs. */
async function install({ name, version, setup }: Program, folder: string): Promise<void> {
  const options = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit"];
  await run("npm", ["install", "--prefix", folder, ...options, `${name}@${version}`]);
  if (setup !== undefined) await run("node", [`${folder}/node_modules/${name}/${setup}`]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}
