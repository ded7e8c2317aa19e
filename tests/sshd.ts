import { terminate } from "../scripts/dev/terminate.ts";
import { findFile, startDaemon } from "./daemon.ts";
import { freePort } from "./free_port.ts";

/** A real sshd on loopback, with keys and configuration of its own, and an ssh config to reach it. */
export interface TestSshd extends AsyncDisposable {
  readonly port: number;
  /** Private directory of this sshd. */
  readonly directory: string;
  /** For `ssh -F`; names this sshd as host `target`. */
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly pid: number;
  /** Replaces the host key and restarts, as a reinstalled machine would look. */
  readonly changeHostKey: () => Promise<void>;
  /** Stops the daemon and starts it again; connections go on. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Options of `startSshd()`. */
export interface TestSshdOptions {
  /** Login shell to imitate: sshd runs `SHELL -c COMMAND`, as it does for a user's own shell. */
  readonly loginShell?: string;
  /**
   * The home that is set for whoever logs in, whose start-up files the login shell reads; null: none,
   * so that it is the user's own; default: an empty one.
   */
  readonly home?: string | null;
  /** Whether keys are exchanged as sshd does by default; default: in the way that costs least. */
  readonly ownKeyExchange?: boolean;
  /** Further lines for `sshd_config`. */
  readonly serverConfig?: readonly string[];
  /** Further lines for the ssh config's `Host target`. */
  readonly clientConfig?: readonly string[];
}

/** Path of sshd, or null where it is not installed. Tests that need it are ignored then. */
export const SSHD = findFile(["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"]);

/** Starts a real sshd for the current user on a free port of 127.0.0.1. */
export async function startSshd(options: TestSshdOptions = {}): Promise<TestSshd> {
  const directory = await Deno.makeTempDir({ prefix: "sshd-" });
  await Deno.chmod(directory, 0o700);
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  await Deno.mkdir(`${directory}/home`);
  await makeKey(`${directory}/user_key`);
  await makeKey(`${directory}/host_key`);
  await Deno.copyFile(`${directory}/user_key.pub`, `${directory}/authorized_keys`);
  const port = freePort();
  await Deno.writeTextFile(`${directory}/sshd_config`, serverConfig(directory, port, options));
  await Deno.writeTextFile(`${directory}/ssh_config`, clientConfig(directory, port, options));
  let daemon = await startSshdOn(directory, port);
  const stop = async () => {
    terminate(daemon);
    await daemon.status;
  };
  const restart = async () => {
    await stop();
    daemon = await startSshdOn(directory, port);
  };
  let stopped = false;
  return {
    port,
    directory,
    sshConfig: `${directory}/ssh_config`,
    knownHosts: `${directory}/known_hosts`,
    get pid() {
      return daemon.pid;
    },
    changeHostKey: async () => {
      await stop();
      await Deno.remove(`${directory}/host_key`);
      await makeKey(`${directory}/host_key`);
      daemon = await startSshdOn(directory, port);
    },
    restart,
    stop: async () => {
      stopped = true;
      await stop();
    },
    [Symbol.asyncDispose]: async () => {
      if (!stopped) await stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function serverConfig(directory: string, port: number, options: TestSshdOptions): string {
  const { home = `${directory}/home` } = options;
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    `PidFile none`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "LogLevel QUIET",
    // Claims are kept there, and not in the home of who runs the tests.
    `SetEnv XDG_STATE_HOME=${directory}/state${home === null ? "" : ` HOME=${home}`}`,
    // The default of OpenSSH 9.2 takes the client a quarter of a second.
    ...(options.ownKeyExchange === true ? [] : ["KexAlgorithms curve25519-sha256"]),
    ...(options.loginShell === undefined
      ? []
      : [`ForceCommand exec ${options.loginShell} -c "$SSH_ORIGINAL_COMMAND"`]),
    ...(options.serverConfig ?? []),
    "",
  ].join("\n");
}

function clientConfig(directory: string, port: number, options: TestSshdOptions): string {
  return [
    "Host target",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    `  IdentityFile ${directory}/user_key`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    `  UserKnownHostsFile ${directory}/known_hosts`,
    "  GlobalKnownHostsFile none",
    ...(options.clientConfig ?? []).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

async function makeKey(path: string): Promise<void> {
  const { success } = await new Deno.Command("ssh-keygen", {
    args: ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path],
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot make key "${path}"`);
}

function startSshdOn(directory: string, port: number): Promise<Deno.ChildProcess> {
  const args = ["-D", "-e", "-f", `${directory}/sshd_config`];
  return startDaemon({ program: SSHD ?? "sshd", args, port });
}
