import assert from "node:assert/strict";
import { findChildren, findProcesses, until } from "../../processes.ts";
import {
  openSshdTarget,
  type RunOptions,
  type ScriptResult,
  type SshdTarget,
  type SshTarget,
} from "./target.ts";

/** Prints the process of the session's shell, which the script's own shell is a grandchild of. */
export const SESSION = "ps -o ppid= -p $PPID";
/** Prints the connection that a script came over: `$SSH_CONNECTION` names the client's port. */
export const CONNECTION = 'echo "$SSH_CONNECTION"';

/** A target with a connection, and a spare that waits for a call. */
export async function openWithSpare(
  options: Parameters<typeof openSshdTarget>[0] = {},
): Promise<SshdTarget> {
  const target = await openSshdTarget({ spares: 32, ...options });
  assert.equal((await target.run(":")).kind, "ran");
  await untilSpare(target);
  return target;
}

/** Waits until there is a spare that is ready. */
export async function untilSpare(target: SshTarget): Promise<void> {
  await until(() => target.ssh.spares().waiting === 1);
}

/** Waits until no spare is ready or is being opened. */
export async function untilNoShell(target: SshdTarget): Promise<void> {
  await until(async () => (await findShells(target)).length === 0);
}

/** The shells of all sessions on the host. */
export async function findShells(target: SshdTarget): Promise<number[]> {
  const ofSshd = await findDescendants(target.sshd.pid);
  return (await findProcesses("bash -s")).filter((pid) => ofSshd.includes(pid));
}

/** The one shell that waits on the host, once those of calls before it have ended. */
export async function findSpare(target: SshdTarget): Promise<number> {
  let shells: number[] = [];
  await until(async () => {
    shells = await findShells(target);
    return shells.length === 1;
  });
  return shells[0] ?? assert.fail("no spare");
}

/** The process that holds the connection, which ssh names after its socket. */
export async function findMaster(target: SshTarget): Promise<number> {
  const [pid] = await findProcesses(`ssh: ${target.control}/`);
  assert.ok(pid !== undefined, "no master");
  return pid;
}

/** All that a process has started, directly or not. */
export async function findDescendants(parent: number): Promise<number[]> {
  const children = await findChildren(parent);
  return [...children, ...(await Promise.all(children.map(findDescendants))).flat()];
}

/** A call of which the host itself knows how often it has run. */
export async function runCounted(
  target: SshdTarget,
  options: RunOptions & { readonly script?: string } = {},
): Promise<{ readonly result: ScriptResult; readonly runs: number; readonly ms: number }> {
  const path = `${target.sshd.directory}/runs-${crypto.randomUUID()}`;
  const { script = CONNECTION, ...rest } = options;
  const startedAt = performance.now();
  const result = await target.run(`echo ran >>${path}; ${script}`, rest);
  const ms = performance.now() - startedAt;
  const lines = await Deno.readTextFile(path).catch(() => "");
  return { result, runs: lines.split("\n").length - 1, ms };
}
