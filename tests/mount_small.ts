import assert from "node:assert/strict";

/** A small file system. */
export interface SmallDisk extends AsyncDisposable {
  readonly makeReadOnly: () => Promise<void>;
}

/** A small file system in memory, for as long as a test runs; only root can make one. */
export async function mountSmall(path: string): Promise<SmallDisk> {
  await Deno.mkdir(path);
  await run("mount", ["-t", "tmpfs", "-o", "size=64k,nr_inodes=16,mode=0700", "tmpfs", path]);
  return {
    makeReadOnly: () => run("mount", ["-o", "remount,ro", path]),
    // What a process of another test has open at the moment does not keep it.
    [Symbol.asyncDispose]: () => run("umount", ["-l", path]),
  };
}

async function run(program: string, args: string[]): Promise<void> {
  assert.equal((await new Deno.Command(program, { args }).output()).success, true);
}
