import assert from "node:assert/strict";

/** A small file system. */
export interface SmallDisk extends AsyncDisposable {
  readonly makeReadOnly: () => Promise<void>;
}

/** How much fits on a file system, as `mount` writes it: `64k`, and how many files; default: many. */
export interface SmallDiskOptions {
  readonly size: string;
  readonly files?: number;
}

/**
 * A small file system in memory, for as long as a test runs; only root can make one. The folder is
 * made if it is not there.
 */
export async function mountSmall(
  path: string,
  { size, files }: SmallDiskOptions,
): Promise<SmallDisk> {
  await Deno.mkdir(path, { recursive: true });
  const bounds = [`size=${size}`, ...files === undefined ? [] : [`nr_inodes=${files}`]];
  await run("mount", ["-t", "tmpfs", "-o", [...bounds, "mode=0700"].join(), "tmpfs", path]);
  return {
    makeReadOnly: () => run("mount", ["-o", "remount,ro", path]),
    // What a process of another test has open at the moment does not keep it.
    [Symbol.asyncDispose]: () => run("umount", ["-l", path]),
  };
}

async function run(program: string, args: string[]): Promise<void> {
  assert.equal((await new Deno.Command(program, { args }).output()).success, true);
}
