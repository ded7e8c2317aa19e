import { SSHD } from "../../../tests/sshd.ts";
import { passedOn } from "../programs.ts";
import { openSshLab } from "./ssh_client.ts";

/** Hosts that are reached at once, by everybody. */
const FAN_OUT = 32;
/** One sshd is to take all of them. */
const SERVER_CONFIG = ["MaxStartups 1000", "MaxSessions 100"];

/** Many names of one real sshd, and the programs that run a command on all of them. */
export interface SshFleet extends AsyncDisposable {
  readonly names: readonly string[];
  readonly fanOut: number;
  /** What the hub needs to reach them. */
  readonly hubEnv: Readonly<Record<string, string>>;
  /** Ends the hub's connections. */
  readonly coolHub: () => Promise<void>;
  readonly hasClush: boolean;
  readonly hasAnsible: boolean;
  readonly runClush: () => Promise<void>;
  readonly runAnsible: () => Promise<void>;
  /** Ends the connections that ansible keeps. */
  readonly coolAnsible: () => Promise<void>;
}

/** Starts sshd; null if it is not installed. */
export async function openSshFleet(count: number): Promise<SshFleet | null> {
  if (SSHD === null) return null;
  const names = Array.from({ length: count }, (_, at) => `node${String(at).padStart(3, "0")}`);
  // What the start-up files of this machine's user do is not measured.
  const home = await Deno.makeTempDir({ prefix: "home-" });
  const lab = await openSshLab({ serverConfig: SERVER_CONFIG, home });
  if (lab === null) return null;
  const { directory, sshConfig } = lab.sshd;
  const config = await Deno.readTextFile(sshConfig);
  await Deno.writeTextFile(sshConfig, config.replace("Host target", "Host target node*"));
  // The key of the host is known before: no program is to be slowed by asking.
  await lab.run("true", { isMultiplexed: false });
  await Deno.writeTextFile(`${directory}/inventory`, names.join("\n") + "\n");
  const options = `-F ${sshConfig}`;
  const run = (program: string, args: readonly string[], env = {}) =>
    runQuietly(program, args, { ...env, HOME: directory });
  return {
    names,
    fanOut: FAN_OUT,
    hubEnv: lab.hubEnv,
    coolHub: lab.coolHub,
    hasClush: await isInstalled("clush"),
    hasAnsible: await isInstalled("ansible"),
    runClush: () =>
      run("clush", ["-f", String(FAN_OUT), "-o", options, "-b", "-w", names.join(","), "true"]),
    runAnsible: () =>
      run("ansible", ["all", "-i", `${directory}/inventory`, "-f", String(FAN_OUT), ...COMMAND], {
        ANSIBLE_SSH_ARGS: `${options} -o ControlMaster=auto -o ControlPersist=60s`,
        ANSIBLE_SSH_CONTROL_PATH_DIR: `${directory}/cp`,
        ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
      }),
    coolAnsible: () => endMasters(`${directory}/cp`, sshConfig),
    [Symbol.asyncDispose]: async () => {
      await endMasters(`${directory}/cp`, sshConfig);
      await lab[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** No module of Python's that is copied first: that is the fastest of what ansible has. */
const COMMAND = ["-m", "raw", "-a", "true"];

async function endMasters(directory: string, sshConfig: string): Promise<void> {
  const sockets = await Array.fromAsync(Deno.readDir(directory)).catch(() => []);
  await Promise.all(
    sockets.map(({ name }) =>
      runQuietly("ssh", ["-F", sshConfig, "-S", `${directory}/${name}`, "-O", "exit", "target"])
        .catch(() => {})
    ),
  );
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await runQuietly(program, ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program. Throws if it is not there, or failed. */
async function runQuietly(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { success, code, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { ...passedOn(), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stderr).slice(-500);
  if (!success) throw new Error(`${program} ended with code ${code}: ${said}`);
}
