import { SSHD, startSshd, type TestSshd, type TestSshdOptions } from "../../../tests/sshd.ts";
import { passedOn } from "../programs.ts";

/** The note of tables without ssh. */
export const NO_SSHD = "nothing over ssh: sshd is not installed";
const UNATTENDED = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=accept-new"];

/** A real sshd on 127.0.0.1, and the plain ssh client. */
export interface SshLab extends AsyncDisposable {
  readonly sshd: TestSshd;
  /** What the hub needs to reach host `target` and to keep its masters apart. */
  readonly hubEnv: Readonly<Record<string, string>>;
  /** Runs a command on `target`; returns the number of bytes it printed. */
  readonly run: (command: string, options: SshRun) => Promise<number>;
  /** Ends the hub's masters, so that its next call is cold. */
  readonly coolHub: () => Promise<void>;
}

/** How a command is run. */
export interface SshRun {
  readonly isMultiplexed: boolean;
  readonly input?: Uint8Array<ArrayBuffer>;
}

/** Starts sshd; null if it is not installed. */
export async function openSshLab(options: TestSshdOptions = {}): Promise<SshLab | null> {
  if (SSHD === null) return null;
  // The hub may create sockets only below this directory and a few others.
  await Deno.mkdir("/tmp/lmcp-hub", { recursive: true, mode: 0o700 });
  const hubDirectory = await Deno.makeTempDir({ dir: "/tmp/lmcp-hub", prefix: "b" });
  const sshd = await startSshd({ ownKeyExchange: true, ...options });
  const master = `${sshd.directory}/%C`;
  const multiplexed = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60", "-S", master];

  const ssh = (args: readonly string[], input?: Uint8Array<ArrayBuffer>) =>
    runSsh(["-F", sshd.sshConfig, ...args], input);

  async function exit(path: string): Promise<void> {
    await ssh(["-S", path, "-O", "exit", "target"]).catch(() => {});
  }

  async function coolHub(): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(hubDirectory)) {
      if (isDirectory) await exit(`${hubDirectory}/${name}/%C`);
    }
  }

  return {
    sshd,
    hubEnv: { LMCP_HUB_SSH_CONFIG: sshd.sshConfig, LMCP_HUB_CONTROL_DIR: hubDirectory },
    run: async (command, { isMultiplexed, input }) => {
      const reuse = isMultiplexed ? multiplexed : ["-S", "none"];
      return await ssh([...reuse, "target", command], input);
    },
    coolHub,
    async [Symbol.asyncDispose]() {
      await coolHub();
      await exit(master);
      await sshd[Symbol.asyncDispose]();
      await Deno.remove(hubDirectory, { recursive: true });
    },
  };
}

/** Runs ssh without a terminal; returns the number of bytes it printed. Throws if it failed. */
async function runSsh(args: readonly string[], input?: Uint8Array<ArrayBuffer>): Promise<number> {
  const child = new Deno.Command("ssh", {
    args: [...UNATTENDED, ...args],
    env: passedOn(),
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const printed = countBytes(child.stdout);
  if (input !== undefined) await ReadableStream.from([input]).pipeTo(child.stdin);
  const { success, code } = await child.status;
  if (!success) throw new Error(`ssh ended with code ${code}`);
  return await printed;
}

async function countBytes(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}
