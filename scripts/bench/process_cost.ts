/** A tick of /proc's clock: `USER_HZ` is 100 on every platform of Deno (proc_pid_stat(5)). */
const TICK_MS = 10;

/** Resident memory of a process, `VmRSS` of proc_pid_status(5); NaN on a system without /proc. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readProc(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024;
}

/** Processor time that a process has used; NaN on a system without /proc. */
export async function cpuMs(pid: number): Promise<number> {
  // The name, in parentheses, may contain anything; `utime` and `stime` are fields 14 and 15.
  const [, fields = ""] = /^.*\) (.*)/.exec(await readProc(`/proc/${pid}/stat`)) ?? [];
  const [utime = NaN, stime = NaN] = fields.split(" ").slice(11, 13).map(Number);
  return fields === "" ? NaN : (utime + stime) * TICK_MS;
}

/** Uses `cat`, because Deno lets only a program with all permissions read there. */
async function readProc(path: string): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [path], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
