import { type ChildProcess, spawnProcess } from "../../lib/base/process.ts";

/** Declares a test that needs root; its name says so elsewhere. */
export function rootTest(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.uid() !== 0;
  Deno.test({ name: ignore ? `${name} (ignored: only root can)` : name, ignore, fn });
}

/** Runs a test with a directory that all users may enter and write to. */
export async function inOpenDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "host-" });
  await Deno.chmod(directory, 0o777);
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A bash that reads its commands from stdin, started by shell text such as `cd /; exec bash -s`. */
export function spawnHost(setup: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawnProcess({ program: "bash", args: ["--norc", "-c", setup], env });
}

/** A user id that nobody else has, so that its processes are counted alone. */
export function freshUid(): number {
  const [random = 0] = crypto.getRandomValues(new Uint16Array(1));
  return 100_000 + random;
}

/** The same, as a user without any rights. */
export function spawnUnprivileged(setup: string, uid = freshUid()): ChildProcess {
  const args = [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    "bash",
    "--norc",
    "-c",
    setup,
  ];
  return spawnProcess({ program: "setpriv", args });
}

/** Lays out a root directory with bash, what it links to, and some devices, for `chroot`. */
export async function makeBashRoot(directory: string, devices: readonly string[]): Promise<void> {
  const linked = await new Deno.Command("ldd", { args: ["/bin/bash"] }).output();
  const libraries = new TextDecoder().decode(linked.stdout).match(/\/\S+/g) ?? [];
  for (const path of ["/bin/bash", ...libraries]) {
    const target = `${directory}${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(path, target);
  }
  await Deno.mkdir(`${directory}/dev`);
  for (const device of devices) {
    const { success } = await new Deno.Command("cp", {
      args: ["-a", `/dev/${device}`, `${directory}/dev/${device}`],
    }).output();
    if (!success) throw new Error(`Cannot copy device "${device}"`);
  }
}
