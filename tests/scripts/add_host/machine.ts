import assert from "node:assert/strict";
import { terminate } from "../../../scripts/dev/terminate.ts";
import { freePort } from "../../free_port.ts";
import { CLEAR, EMPTY_RUN, SANDBOX_IS_MISSING } from "../../packages/sandbox.ts";
import { SSHD } from "../../sshd.ts";
import { makeDist } from "./dist.ts";

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a machine. */
export interface Running {
  /** Resolves when it has printed a line with this text; rejects if it ends without. */
  readonly printed: (text: string) => Promise<void>;
  /** Sends it a signal, or with `group` to all that it has started, as a terminal does. */
  readonly signal: (name: "INT" | "TERM" | "KILL", group?: boolean) => Promise<void>;
  readonly ended: Promise<Ran>;
}

/**
 * This system in namespaces of its own, which is jump host and host at once: whatever is written to
 * `/etc`, `/usr`, `/var`, `/run`, `/tmp`, `/root` and `/home` is gone with it, and so are all
 * processes. Its sshd, at 127.0.0.2, is reached as `web1`, `Web2` and `tester@web1`.
 */
export interface Machine extends AsyncDisposable {
  /** With `dist/` as it is compiled, `registry/`, and `bin/`, which is first in the host's `PATH`. */
  readonly directory: string;
  readonly registry: string;
  /** A port that no agent has yet. */
  readonly port: number;
  readonly start: (script: string) => Running;
  readonly run: (script: string) => Promise<Ran>;
  /** The same, for what must succeed; what it printed. */
  readonly sh: (script: string) => Promise<string>;
  /** Runs `add-host.sh` with these arguments. */
  readonly addHost: (args: string) => Promise<Ran>;
  /** All files, directories and agents that can have been changed, on both sides. */
  readonly state: () => Promise<string>;
}

/** Why there can be no such machine here; null: there can. */
const FAULT = SSHD === null ? "no sshd" : SANDBOX_IS_MISSING;

/** Defines a test that is ignored where there can be no machine. */
export function testOnMachine(name: string, fn: (machine: Machine) => Promise<void>): void {
  Deno.test({
    name: FAULT === null ? name : `${name} (ignored: ${FAULT})`,
    ignore: FAULT !== null,
    fn: async () => {
      await using machine = await makeMachine();
      await fn(machine);
    },
  });
}

/** Starts the machine's sshd, which writes down its process once it listens. */
export const START_SSHD = `rm -f sshd.pid; /usr/sbin/sshd -f "$PWD/sshd_config" &&
  timeout 60 sh -c 'until [ -s sshd.pid ]; do sleep 0.05; done'`;

/** Has it read its configuration again; connections go on. */
export const RESTART_SSHD = `kill $(cat sshd.pid); while [ -e sshd.pid ]; do sleep 0.05; done
${START_SSHD}`;

const ENTER = `set -e
directory=$0
up=$directory/up
mkdir "$up" && mount -t tmpfs tmpfs "$up"
for folder in etc usr var root home; do
  mkdir "$up/$folder" "$up/$folder.work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$up/$folder,workdir=$up/$folder.work" "/$folder"
done
${EMPTY_RUN}
${CLEAR}
# What other tests have in /tmp is not in here; its own directory is the one that is outside.
mkdir "$up/tmp" "$up/tmp.work" /run/own && chmod 1777 "$up/tmp" && mount --rbind "$directory" /run/own
mount -t overlay overlay -o "lowerdir=/tmp,upperdir=$up/tmp,workdir=$up/tmp.work" /tmp
mkdir -p "$directory" && mount --rbind /run/own "$directory"
clear /tmp/lmcp-* /var/lib/lmcp-* /var/tmp/lmcp-* /etc/lmcp-* /root/.ssh
# The start-up files of this machine's root may take long.
rm -rf /root/.local /root/.config /root/.bashrc /root/.bash_profile /root/.profile
chmod 755 /root
mkdir -p /run/sshd
useradd --create-home --shell /bin/sh tester
usermod --password '*' root
usermod --password '*' tester
ssh-keygen -q -t ed25519 -N '' -f "$directory/host_key"
for home in /root /home/tester; do
  mkdir -m 700 $home/.ssh
  if [ $home = /root ]; then ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; fi
  cp /root/.ssh/id_ed25519.pub $home/.ssh/authorized_keys
done
chown -R tester:tester /home/tester
cp "$directory/ssh_config" /root/.ssh/config
cd "$directory"
${START_SSHD}
echo ready
read -r _`;

function serverConfig(directory: string, port: number): string {
  return `Port ${port}
ListenAddress 127.0.0.2
HostKey ${directory}/host_key
PidFile ${directory}/sshd.pid
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
LogLevel QUIET
SetEnv PATH=${directory}/bin:/usr/local/bin:/usr/bin:/bin
`;
}

function clientConfig(port: number): string {
  return `Host web1 Web2 web3
  HostName 127.0.0.2
  Port ${port}
  StrictHostKeyChecking accept-new
`;
}

async function makeMachine(): Promise<Machine> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "add-host-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  await Deno.chmod(directory, 0o755);
  const sshPort = freePort();
  for (const name of ["dist", "registry", "bin"]) await Deno.mkdir(`${directory}/${name}`);
  await Deno.writeTextFile(`${directory}/sshd_config`, serverConfig(directory, sshPort));
  await Deno.writeTextFile(`${directory}/ssh_config`, clientConfig(sshPort));
  await makeDist(`${directory}/dist`);
  const registry = `${directory}/registry/hosts.toml`;
  await Deno.writeTextFile(registry, '# Mine.\n[hosts.other]\nssh_host = "other"\n');
  const first = stack.use(await enter(directory));
  const port = freePort();
  const run = (script: string) => startIn(first.pid, directory, script).ended;
  const sh = async (script: string) => {
    const { code, stdout, stderr } = await run(script);
    assert.equal(code, 0, `${script}\n${stdout}${stderr}`);
    return stdout;
  };
  const owned = stack.move();
  return {
    directory,
    registry,
    port,
    start: (script) => startIn(first.pid, directory, script),
    run,
    sh,
    addHost: (args) => run(`dist/add-host.sh --registry ${registry} --port ${port} ${args}`),
    state: () => sh(STATE.replaceAll("DIRECTORY", directory)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Names, modes and owners of all files that there can be, checksums, and how many agents run. */
const STATE =
  `find /etc/lmcp* /etc/systemd /usr/local/bin /usr/local/share/doc /root/.local /root/.config \\
  /home /var/lib/lmcp* /var/tmp /tmp/lmcp-add-host* DIRECTORY/registry -xdev \\
  \\( -name .ssh -o -name 'lmcp-copies-*' \\) -prune -o -printf '%M %u %g %p %l\\n' 2>/dev/null | sort
find /etc/lmcp* /etc/systemd /usr/local/bin/lmcp* DIRECTORY/registry -type f -exec sha256sum {} + 2>/dev/null | sort
pgrep -fc -- "lmcp-agent|main.(ts|js) --agent" || true`;

interface Entered extends AsyncDisposable {
  /** Its first process, whose namespaces are the machine's. */
  readonly pid: number;
}

async function enter(directory: string): Promise<Entered> {
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--mount-proc"];
  const child = new Deno.Command("unshare", {
    // bash, since a first process that reaps what others leave is needed.
    args: [...namespaces, "--fork", "--kill-child", "bash", "-c", ENTER, directory],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  if (value === undefined) throw new Error(await stderr);
  const children = await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`);
  return {
    pid: Number(children.trim()),
    [Symbol.asyncDispose]: async () => {
      terminate(child, "SIGKILL");
      await Promise.all([child.status, child.stdin.close().catch(() => {})]);
      await child.stdout.cancel();
      await stderr;
    },
  };
}

let started = 0;

function startIn(pid: number, directory: string, script: string): Running {
  const note = `${directory}/process.${started++}`;
  const child = new Deno.Command("nsenter", {
    args: [
      `--mount=/proc/${pid}/ns/mnt`,
      `--pid=/proc/${pid}/ns/pid_for_children`,
      ...["setsid", "--wait", "bash", "-c"],
      `echo $$ >${note}; cd ${directory} || exit; ${script}`,
    ],
    env: { HOME: "/root", LC_ALL: "C.UTF-8" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stdout = "";
  let wake = () => {};
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      stdout += text;
      wake();
    }
  })();
  const stderr = new Response(child.stderr).text();
  let hasEnded = false;
  const ended = Promise.all([child.status, stderr, reading]).then(([{ code }, stderr]) => {
    hasEnded = true;
    wake();
    return { code, stdout, stderr };
  });
  return {
    ended,
    printed: async (text) => {
      while (!stdout.includes(text)) {
        if (hasEnded) throw new Error(`It ended without "${text}": ${stdout}${await stderr}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    signal: async (name, group = false) => {
      const target = `${group ? "-" : ""}$(cat ${note})`;
      await startIn(pid, directory, `kill -s ${name} -- ${target}`).ended;
    },
  };
}
