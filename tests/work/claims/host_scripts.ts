import { createOwnBash } from "../../../lib/agent/login.ts";
import { spawnProcess } from "../../../lib/base/process.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import type { Script, ScriptRun } from "../../../lib/work/script.ts";

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

/** When a process started, as `/proc` has it. */
export async function startOf(pid: number): Promise<string> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? "";
}
