import type { ProcessCommand } from "../../base/process.ts";
import type { Host } from "../host.ts";

/** What all ssh processes of this program have in common. */
export interface SshClient {
  /** The OpenSSH client: a name looked up in `PATH`, or a path. */
  readonly program: string;
  /** Value of `-F`; null: the user's own `~/.ssh/config`. */
  readonly configFile: string | null;
  /** Variables of this process that hold secrets now, emptied in ssh's environment. */
  readonly secretVariables: () => readonly string[];
  /** Whether it has refused the options of ssh 8.7; absent: it has not. */
  readonly isOld?: boolean;
}

/** How connections are reused. */
export interface ControlPath {
  /** Private directory for the sockets of one destination; null: no reuse. */
  readonly directory: string | null;
  /** Whether it only ever joins a connection that is there; absent: it makes one where there is none. */
  readonly joins?: boolean;
}

/**
 * What a user's config must not change: the pipes are the protocol's, and nothing else may read or
 * write there.
 */
const PLAIN_SESSION = [
  ...option("BatchMode", "yes"),
  ...option("LogLevel", "ERROR"),
  ...option("RemoteCommand", "none"),
  ...option("PermitLocalCommand", "no"),
];

/**
 * The same for options that ssh has since 8.7. `IgnoreUnknown` cannot hide them from an older one: it
 * would replace the user's own list, or with `*` let each misspelt option of the user's pass.
 */
const RECENT = [
  ...option("LogVerbose", "none"),
  ...option("SessionType", "default"),
  ...option("StdinNull", "no"),
  ...option("ForkAfterAuthentication", "no"),
];

/** Whether ssh refuses an option of its command line, and not of a user's config. */
export function refusesOptions(said: string): boolean {
  return /command-line.*: Bad configuration option/i.test(said);
}

/**
 * The ssh command line for a host with `sshHost`. What a user's config says stays in force, but for
 * what would break the protocol on the pipes: another kind of session, a command of its own,
 * forwardings, a prompt.
 */
export function sshCommand(client: SshClient, host: Host, control: ControlPath): ProcessCommand {
  return command(client, [
    ...plainSession(client),
    ...option("StrictHostKeyChecking", "accept-new"),
    ...option("ConnectTimeout", String(Math.ceil(host.timeouts.sshMs / 1000))),
    ...option("ServerAliveInterval", "5"),
    ...option("ServerAliveCountMax", "2"),
    ...option("ClearAllForwardings", "yes"),
    ...option("ForwardAgent", "no"),
    ...controlOptions(control),
    "-T",
    "--",
    destinationOf(host),
    "bash -s",
  ]);
}

/**
 * Asks a master to listen on a socket of this machine, `path`, and to lead what connects there to a
 * port of the host's loopback address. `socket` is the master's own. No configuration is read: with it,
 * ssh would ask for the forwardings of the user's, too. A master that listens there already does
 * nothing.
 */
export function sshForwardCommand(
  client: SshClient,
  { destination, socket, path, port }: {
    readonly destination: string;
    readonly socket: string;
    readonly path: string;
    readonly port: number;
  },
): ProcessCommand {
  return command({ ...client, configFile: "/dev/null" }, [
    ...option("BatchMode", "yes"),
    ...option("LogLevel", "ERROR"),
    ...option("ControlPath", socket),
    "-O",
    "forward",
    "-L",
    `${path.replaceAll(":", "\\:")}:127.0.0.1:${port}`,
    "--",
    destination,
  ]);
}

/** Asks the master of a destination, if there is one, to leave. */
export function sshExitCommand(client: SshClient, host: Host, directory: string): ProcessCommand {
  return command(client, [
    ...plainSession(client),
    ...option("ControlPath", `${directory}/%C`),
    "-O",
    "exit",
    "--",
    destinationOf(host),
  ]);
}

/** Prints the configuration that ssh would use for a destination. */
export function sshPrintCommand(client: SshClient, destination: string): ProcessCommand {
  return command(client, ["-G", "--", destination]);
}

function plainSession({ isOld = false }: SshClient): readonly string[] {
  return isOld ? PLAIN_SESSION : [...PLAIN_SESSION, ...RECENT];
}

function command(client: SshClient, args: readonly string[]): ProcessCommand {
  const emptied = client.secretVariables().map((name) => [name, ""] as const);
  return {
    program: client.program,
    args: client.configFile === null ? args : ["-F", client.configFile, ...args],
    // Deno lets a process with a set LD_LIBRARY_PATH be started only by a program that may run all.
    env: { LD_LIBRARY_PATH: "", ...Object.fromEntries(emptied) },
  };
}

/** An address that no machine has (RFC 5737): whoever is to connect from there does not connect. */
const NO_ADDRESS = "192.0.2.1";

function controlOptions({ directory, joins = false }: ControlPath): string[] {
  if (directory === null) {
    return [...option("ControlMaster", "no"), ...option("ControlPath", "none")];
  }
  if (joins) {
    return [
      ...option("ControlMaster", "no"),
      ...option("ControlPath", `${directory}/%C`),
      // Else ssh connects by itself if the connection is gone, or allows no further session.
      ...option("BindAddress", NO_ADDRESS),
    ];
  }
  return [
    ...option("ControlMaster", "auto"),
    ...option("ControlPersist", "60"),
    // A master that was killed leaves the sockets of forwarded ports.
    ...option("StreamLocalBindUnlink", "yes"),
    ...option("ControlPath", `${directory}/%C`),
  ];
}

function option(name: string, value: string): [string, string] {
  return ["-o", `${name}=${value}`];
}

/** The destination of a host that has one. */
export function destinationOf(host: Host): string {
  if (host.sshHost === null) throw new TypeError(`Host "${host.name}" has no ssh_host`);
  return host.sshHost;
}
