/** A command to start: an argument vector, never a shell line. */
export interface ProcessCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables to set; an empty text hides an inherited value. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory, an absolute path; default: this program's own. */
  readonly cwd?: string;
}

/** How a process ended: its exit code, or 128 + the number of the signal that ended it. */
export interface ExitStatus {
  readonly code: number;
}

/** A running child process, in a session (and process group) of its own. */
export interface ChildProcess {
  readonly pid: number;
  /** Rejects when the process no longer reads. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Closes standard input; pending writes are dropped. Never rejects. */
  readonly closeInput: () => Promise<void>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal to the process alone; no error if it has ended. */
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => void;
}

/** Starts a process. Throws what `Deno.Command` throws, such as `NotFound`. */
export type Spawn = (command: ProcessCommand) => ChildProcess;

/** The real `Spawn`, the only place that starts a process. */
export function spawnProcess(command: ProcessCommand): ChildProcess {
  const child = new Deno.Command(command.program, {
    args: [...command.args],
    env: { ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const input = child.stdin.getWriter();
  // A process that ends closes its input: write() itself reports that.
  input.closed.catch(() => {});
  return {
    pid: child.pid,
    write: (bytes) => input.write(bytes),
    closeInput: () => input.abort().catch(() => {}),
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.status,
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch (error) {
        // Ended in the meantime: that is what the signal was for.
        if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}
