import { createOwnBash } from "../../../lib/agent/login.ts";
import { spawnProcess } from "../../../lib/base/process.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import type { Script, ScriptRun } from "../../../lib/work/script.ts";
import { terminate } from "../../../scripts/dev/terminate.ts";
import { until } from "../../processes.ts";

/** Runs a script in a local bash, with further variables. */
export async function runHere(
  script: Script,
  env: Readonly<Record<string, string>> = {},
): Promise<ScriptRun> {
  const output = new OutputCapture(script.limits);
  const result = await createOwnBash(spawnProcess, env)({
    script: script.source,
    output,
    runWithinMs: 10_000,
    signal: new AbortController().signal,
  });
  if (result.kind === "lost") throw new Error("The script was killed");
  return { ...result, output };
}

/** A private folder that was in use since the host started, which goes with the test. */
export interface OldFolder extends AsyncDisposable {
  readonly path: string;
  readonly boot: string;
  readonly id: string;
}

/** Makes an `OldFolder`. */
export async function makeOldFolder(): Promise<OldFolder> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.chmod(path, 0o700);
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  await Deno.writeTextFile(`${path}/.since-${boot}`, "0\n");
  await Deno.writeTextFile(`${path}/.clock-${boot}`, `${await bootedAt()}\n`);
  await Deno.writeTextFile(`${path}/.id`, "f-1\n");
  return {
    path,
    boot,
    id: "f-1",
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** When this machine started, by its clock, in seconds since 1970. */
export async function bootedAt(): Promise<number> {
  const [uptime = ""] = (await Deno.readTextFile("/proc/uptime")).split(".");
  return Math.floor(Date.now() / 1_000) - Number(uptime);
}

/** A process that has ended, and that its parent does not reap. */
export interface Zombie extends AsyncDisposable {
  readonly pid: number;
  readonly start: string;
}

/** Makes a `Zombie`. */
export async function makeZombie(): Promise<Zombie> {
  // What `sleep` takes over from bash it does not reap.
  const args = ["-c", "sleep 60 & echo $!; exec sleep 60"];
  const parent = new Deno.Command("bash", { args, stdout: "piped" }).spawn();
  const reader = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const pid = parseInt((await reader.read()).value ?? "");
  const start = await startOf(pid);
  for (const id of [parent.pid, pid]) {
    await until(async () => (await Deno.readTextFile(`/proc/${id}/comm`)) === "sleep\n");
  }
  Deno.kill(pid, "SIGKILL");
  await until(async () => (await Deno.readTextFile(`/proc/${pid}/stat`)).includes(") Z "));
  return {
    pid,
    start,
    [Symbol.asyncDispose]: async () => {
      terminate(parent, "SIGKILL");
      await Promise.all([parent.status, reader.cancel()]);
    },
  };
}

/** When a process started, as `/proc` has it. */
export async function startOf(pid: number): Promise<string> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? "";
}
