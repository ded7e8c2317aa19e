import { newClaimId } from "../../../lib/work/claims/id.ts";
import { terminate } from "../../../scripts/dev/terminate.ts";
import { startOf } from "../claims/host_scripts.ts";
import type { HostJobs } from "./host_jobs.ts";

/** The boot of this machine, and when its first process started, as jobs have it. */
export async function thisBoot(): Promise<{ readonly boot: string; readonly init: string }> {
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  return { boot, init: await startOf(1) };
}

/** Files of a job; `run` by its fields. */
export interface PlantedFiles {
  readonly run?: readonly unknown[];
  readonly rc?: string;
  readonly killed?: string;
}

/** Leaves the folder of a job that nobody has started, and returns its id. */
export async function plant(jobs: HostJobs, { run, ...files }: PlantedFiles): Promise<string> {
  const id = newClaimId();
  await Deno.mkdir(jobs.path, { recursive: true, mode: 0o700 });
  await Deno.mkdir(`${jobs.path}/${id}`, { mode: 0o700 });
  await jobs.write(id, "out", "");
  if (run !== undefined) await jobs.write(id, "run", `${run.join(" ")}\n`);
  for (const [name, text] of Object.entries(files)) await jobs.write(id, name, text);
  return id;
}

/** A process that has nothing to do with a job, and leads a group. */
export interface Victim extends AsyncDisposable {
  readonly pid: number;
  readonly start: string;
  readonly isAlive: () => boolean;
}

/** Starts a `Victim`. */
export async function startVictim(): Promise<Victim> {
  const child = new Deno.Command("setsid", { args: ["sleep", "600"] }).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => hasEnded = true);
  return {
    pid: child.pid,
    start: await startOf(child.pid),
    isAlive: () => !hasEnded,
    [Symbol.asyncDispose]: async () => {
      terminate(child, "SIGKILL");
      await ended;
    },
  };
}
