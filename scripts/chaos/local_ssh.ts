import { type Spawn, spawnProcess } from "../../lib/base/process.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { createSsh, type Ssh } from "../../lib/fleet/ssh/client.ts";
import type { Random } from "./random.ts";

/** What the fake ssh does with a connection; the names of destinations begin with it. */
export type Destination = "works" | "refuses" | "breaks";

/** Does on this machine what `ssh … -- DESTINATION 'bash -s'` does on another one. */
const PROGRAM = `#!/bin/bash
# Claims are kept beside it, and not in the home of who runs this.
export XDG_STATE_HOME=\${0%/*}/state
case \${@: -2:1} in
  works*) exec bash -s ;;
  refuses*) echo 'ssh: connect to host refuses: Connection refused' >&2; exit 255 ;;
  # Drops all output after the ready line, so that nobody learns what became of the command.
  breaks*) exec bash -s >/dev/null 2> >(read -r ready; echo "$ready" >&2; read -r start) ;;
esac
`;

/** Writes the fake ssh into a directory; returns its path. */
export async function writeLocalSsh(directory: string): Promise<string> {
  const path = `${directory}/ssh`;
  await Deno.writeTextFile(path, PROGRAM, { mode: 0o700 });
  return path;
}

/** The shares of sessions that are killed while they wait for a call or run it, or fall silent. */
const KILLED = 0.3;
const SILENT = 0.03;
/** How long they last, at most. */
const LIFE_MS = 200;

/** An ssh whose destinations are this machine, which keeps sessions that fail at random. */
export async function openLocalSsh(directory: string, random: Random): Promise<Ssh> {
  const program = await writeLocalSsh(directory);
  const spawn: Spawn = (command) => {
    const child = spawnProcess(command);
    const isSpare = command.args.some((arg) => arg.startsWith("BindAddress="));
    const fate = random.next();
    if (isSpare && fate < KILLED + SILENT) {
      const signal = fate < KILLED ? "SIGKILL" : "SIGSTOP";
      setTimeout(() => sendSignal(child.pid, signal), random.next() * LIFE_MS);
    }
    return child;
  };
  return createSsh({
    client: { program, configFile: null, secretVariables: () => [] },
    spawn,
    // There are no connections, so each of them is there.
    control: {
      directoryFor: () => Promise.resolve(directory),
      isWarm: () => Promise.resolve(true),
      masters: () => Promise.resolve([]),
      discard: () => Promise.resolve(),
    },
    spares: () => 32,
    clock: systemClock,
  });
}

function sendSignal(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
