import { fileURLToPath } from "node:url";
import { findProgram } from "../bench/programs.ts";
import { openSshLab, type SshLab } from "../bench/peers/ssh_client.ts";
import { freePort } from "../../tests/free_port.ts";
import { type Backends, startBackends } from "./backend.ts";
import { type HostFiles, makeHostFiles } from "./host_files.ts";

/** What both hubs run on. */
export interface Lab extends AsyncDisposable {
  /** The checkout, with a final slash. */
  readonly root: string;
  /** The Lua interpreter. */
  readonly lua: string;
  /** The Lua hub's program. */
  readonly luaFile: string;
  readonly backends: Backends;
  readonly ssh: SshLab;
  /** Holds an `ssh` that uses the configuration of `ssh`. */
  readonly sshDirectory: string;
  readonly files: HostFiles;
  /** A port that refuses connections. */
  readonly closedPort: number;
  /** Private directory. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Opens it. Throws an `Error` if a program is not installed. */
export async function openLab(luaFile: string, signal: AbortSignal): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const lua = await findProgram("lua5.4") ?? await findProgram("lua");
  if (lua === null) throw new Error("Lua is not installed");
  const files = stack.use(await makeHostFiles());
  const ssh = stack.use(await openSshLab({ serverConfig: [confine(files.path)] }));
  const program = await findProgram("ssh");
  if (ssh === null || program === null) throw new Error("sshd is not installed");
  const directory = await Deno.makeTempDir({ prefix: "lmcp-lua-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const closedPort = freePort();
  await Deno.writeTextFile(ssh.sshd.sshConfig, extraHosts(closedPort), { append: true });
  const sshDirectory = `${directory}/bin`;
  await Deno.mkdir(sshDirectory);
  const wrapper = `#!/bin/sh\nexec ${program} -F ${ssh.sshd.sshConfig} "$@"\n`;
  await Deno.writeTextFile(`${sshDirectory}/ssh`, wrapper, { mode: 0o700 });
  // The first contact prints a warning, which the Lua hub shows.
  await ssh.run("true", { isMultiplexed: false });
  const backends = stack.use(await startBackends());
  const owned = stack.move();
  return {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    lua,
    luaFile,
    backends,
    ssh,
    sshDirectory,
    files,
    closedPort,
    directory,
    signal,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Destinations for ssh beside `target`. */
function extraHosts(closedPort: number): string {
  return `Host refusing\n  HostName 127.0.0.1\n  Port ${closedPort}\n` +
    "Host unknown\n  HostName unknown.invalid\n";
}

/** Has commands start in a directory where nothing is lost, whatever a hub makes of its arguments. */
function confine(home: string): string {
  return `ForceCommand cd ${home}/home && HOME=$PWD exec bash -c "$SSH_ORIGINAL_COMMAND"`;
}

/** Writes a registry; returns its path. */
export async function writeRegistry(
  name: string,
  text: string,
  { directory }: Lab,
): Promise<string> {
  const path = `${directory}/${name}`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}
