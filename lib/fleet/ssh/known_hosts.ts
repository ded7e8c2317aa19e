import { dirname } from "node:path";
import type { Spawn } from "../../base/process.ts";
import { type SshClient, sshPrintCommand } from "./command.ts";
import { isWritable } from "../../base/files/writable.ts";

/** For ssh to read its configuration, which may run programs (`Match exec`). */
const TIMEOUT_MS = 5_000;

/** What to say where it could not. */
export const KNOWN_HOSTS_WARNING =
  "ssh cannot write its known_hosts, so it would trust any key of a new host, every time";

/**
 * Whether ssh, with its configuration, could note the key of a
 * new host in the user's `known_hosts`. Where it cannot, `StrictHostKeyChecking=accept-new` trusts
 * any key, every time. Without ssh there is nothing to warn of: true.
 */
export async function canWriteKnownHosts(spawn: Spawn, client: SshClient): Promise<boolean> {
  const path = await knownHostsPath(spawn, client);
  if (path === null) return true;
  if (path === "none" || await isDevice(path)) return false;
  // ssh makes a missing `~/.ssh`, so then the home counts.
  return await isWritable(path) ?? await isWritable(dirname(path)) ??
    await isWritable(dirname(dirname(path))) ?? false;
}

/** The first `UserKnownHostsFile` that ssh itself would use; null: it did not say. */
async function knownHostsPath(spawn: Spawn, client: SshClient): Promise<string | null> {
  try {
    const child = spawn(sshPrintCommand(client, "host.invalid"));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    const [said] = await Promise.all([
      new Response(child.stdout).text(),
      child.stderr.cancel(),
      child.closeInput(),
      child.exited,
    ]);
    clearTimeout(timer);
    return /^userknownhostsfile (\S+)/m.exec(said)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Such as `/dev/null`, which takes any key and keeps none. */
async function isDevice(path: string): Promise<boolean> {
  try {
    return !(await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
