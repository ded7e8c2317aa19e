/** Values of PATH with which a host has other programs, for as long as this process runs. */
export interface ProgramPaths {
  /** GNU's programs, and no ripgrep. */
  readonly gnu: string;
  /** Busybox for all that it can do; null: it is not installed. */
  readonly busybox: string | null;
  /** With ripgrep; null: it is not installed. */
  readonly ripgrep: string | null;
}

const PATH = Deno.env.get("PATH") ?? "";
/** What the tests themselves need as it is. */
const NOT_BUSYBOX = ["bash", "sh", "env", "setsid"];

/** Makes them. */
export async function createProgramPaths(): Promise<ProgramPaths> {
  const hasRipgrep = await isInstalled("rg");
  const gnu = hasRipgrep ? await linkPrograms(await installedPrograms("rg")) : PATH;
  const busybox = await isInstalled("busybox") ? await linkPrograms(await applets()) : null;
  return {
    gnu,
    busybox: busybox && `${busybox}:${gnu}`,
    ripgrep: hasRipgrep ? PATH : null,
  };
}

async function isInstalled(program: string): Promise<boolean> {
  const found = new Deno.Command("which", { args: [program], stdout: "null", stderr: "null" });
  return (await found.output()).success;
}

type Programs = readonly (readonly [name: string, path: string])[];

async function applets(): Promise<Programs> {
  const { stdout } = await new Deno.Command("busybox", { args: ["--list"] }).output();
  const path = new Deno.Command("which", { args: ["busybox"] });
  const busybox = new TextDecoder().decode((await path.output()).stdout).trim();
  return new TextDecoder().decode(stdout).trim().split("\n")
    .filter((name) => !NOT_BUSYBOX.includes(name)).map((name) => [name, busybox] as const);
}

/** All programs in PATH but one. */
async function installedPrograms(but: string): Promise<Programs> {
  const programs = new Map<string, string>();
  for (const folder of PATH.split(":").toReversed()) {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
    for (const name of names) programs.set(name, `${folder}/${name}`);
  }
  programs.delete(but);
  return [...programs];
}

async function linkPrograms(programs: Programs): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "programs-" });
  await Deno.chmod(folder, 0o755);
  for (const [name, path] of programs) await Deno.symlink(path, `${folder}/${name}`);
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}
