import assert from "node:assert/strict";

/** What a command did. */
export interface Ran {
  readonly code: number;
  /** On both streams. */
  readonly said: string;
}

/**
 * This system, in which everything can be changed: whatever is written to `/etc`, `/usr`, `/var` and
 * `/run` is gone with the sandbox, and nobody else sees it.
 */
export interface Sandbox extends AsyncDisposable {
  /** Runs a script of `sh` as root. */
  readonly run: (script: string) => Promise<Ran>;
  /** The same, for one that must succeed; what it printed. */
  readonly sh: (script: string) => Promise<string>;
}

/** Folders of the system that a package may change. */
const FOLDERS = "etc usr var";

/**
 * Has `/run` be an empty folder. Hubs and agents of other tests come and go in the system's own, so
 * that what is there would change all the time.
 */
export const EMPTY_RUN = "mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -m 1777 /run/lock";

/** A function that removes files and folders, also those in which other tests make new ones meanwhile. */
export const CLEAR = `clear() {
  for try in 1 2 3 4 5; do rm -rf "$@" && return; done
  return 1
}`;

/** What other packages do when files change, such as indexing manual pages, is not of interest. */
const ENTER = `set -e
mount -t tmpfs tmpfs "$0"
for folder in ${FOLDERS}; do
  mkdir "$0/$folder" "$0/$folder.work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$0/$folder,workdir=$0/$folder.work" "/$folder"
done
${EMPTY_RUN}
echo no-triggers >/etc/dpkg/dpkg.cfg.d/no-triggers
echo ready
exec cat`;

/** Why there can be no sandbox here; null: there can. */
export const SANDBOX_IS_MISSING = await findFault();

/** Makes a sandbox: a mount namespace with overlays, which ends with its process. */
export async function makeSandbox(): Promise<Sandbox> {
  const directory = await Deno.makeTempDir();
  const child = new Deno.Command("unshare", {
    args: ["--mount", "--propagation", "private", "sh", "-c", ENTER, directory],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  const run = async (script: string): Promise<Ran> => {
    const { code, stdout } = await new Deno.Command("nsenter", {
      args: [`--mount=/proc/${child.pid}/ns/mnt`, "sh", "-c", `exec 2>&1\n${script}`],
      env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
      stdin: "null",
    }).output();
    return { code, said: new TextDecoder().decode(stdout) };
  };
  const sandbox: Sandbox = {
    run,
    sh: async (script) => {
      const { code, said } = await run(script);
      assert.equal(code, 0, `${script}\n${said}`);
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close();
      await child.stdout.cancel();
      await child.status;
      await stderr;
      await Deno.remove(directory, { recursive: true });
    },
  };
  if (value !== undefined) return sandbox;
  await sandbox[Symbol.asyncDispose]();
  throw new Error(await stderr);
}

async function findFault(): Promise<string | null> {
  if (Deno.uid() !== 0) return "not root";
  try {
    await new Deno.Command("dpkg-deb", { args: ["--version"] }).output();
    await using _sandbox = await makeSandbox();
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no dpkg-deb or unshare";
    return "no overlay file system";
  }
}
