/** The files that ssh reads without `-F`, but for what they include from elsewhere. */
const SYSTEM_FILES = ["/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d"];
const USER_FILES = [".ssh/config", ".ssh/config.d"];

/**
 * Makes a function whose text changes when a file does that says where a destination leads. It does
 * not see what such a file includes from elsewhere. `configFile` is the value of `-F`; null: the
 * user's own. Never rejects.
 */
export function createConfigStamp(configFile: string | null): () => Promise<string> {
  let files: Promise<readonly string[]> | null = null;
  return async function stampConfig() {
    files ??= configFile === null ? findFiles() : Promise.resolve([configFile]);
    return (await Promise.all((await files).map(stampFile))).join();
  };
}

async function findFiles(): Promise<readonly string[]> {
  const home = await findHome();
  const ofUser = home === null ? [] : USER_FILES.map((name) => `${home}/${name}`);
  return [...ofUser, ...SYSTEM_FILES];
}

/** The home in which ssh looks, which is not `$HOME`; null: the user is not one of this machine's. */
async function findHome(): Promise<string | null> {
  try {
    const entries = (await Deno.readTextFile("/etc/passwd")).split("\n")
      .map((line) => line.split(":"));
    return entries.find(([, , uid]) => uid === String(Deno.uid()))?.[5] ?? null;
  } catch {
    return null;
  }
}

async function stampFile(path: string): Promise<string> {
  try {
    const { ino, size, mtime } = await Deno.stat(path);
    return `${ino}:${size}:${mtime?.getTime()}`;
  } catch {
    return "none";
  }
}
