import { terminate } from "../scripts/dev/terminate.ts";

/** A server that listens on a TCP port. */
export interface DaemonCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  /** Default: 127.0.0.1. */
  readonly address?: string;
}

/** How often it is tried to reach a server that starts, 25 ms apart. */
const TRIES = 800;

/** Starts a server, and waits until it listens. */
export async function startDaemon(
  { program, args, port, address = "127.0.0.1" }: DaemonCommand,
): Promise<Deno.ChildProcess> {
  const daemon = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  daemon.status.then(() => hasEnded = true);
  for (let attempt = 0; attempt < TRIES && !hasEnded; attempt++) {
    try {
      (await Deno.connect({ hostname: address, port })).close();
      return daemon;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  terminate(daemon, "SIGKILL");
  const { code } = await daemon.status;
  throw new Error(`${program} does not listen on port ${port}; it ended with ${code}`);
}

/** The first of these files that is there; null: none is. */
export function findFile(paths: readonly string[]): string | null {
  for (const path of paths) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // Not there.
    }
  }
  return null;
}
