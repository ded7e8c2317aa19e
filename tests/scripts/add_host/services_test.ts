import assert from "node:assert/strict";
import { writeSums } from "./dist.ts";
import { testOnMachine } from "./machine.ts";

/** `systemctl` for the agent's service: notes its calls, and does what its unit says. */
const SYSTEMCTL = `#!/bin/bash
echo "systemctl $*" >>DIRECTORY/calls
pid=DIRECTORY/pid.service
unit=/etc/systemd/system/lmcp-agent.service etc=/etc/lmcp-agent state=/var/lib/lmcp-agent
if [[ $1 = --user ]]; then
  shift
  [[ $XDG_RUNTIME_DIR = /run/user/$UID ]] || exit 1
  unit=~/.config/systemd/user/lmcp-agent.service etc=~/.config/lmcp-agent state=~/.local/state/lmcp-agent
fi
stop() { [[ ! -e $pid ]] || kill "$(<$pid)" 2>/dev/null; while kill -0 "$(<$pid)" 2>/dev/null; do sleep 0.05; done; rm -f $pid; } 2>/dev/null
case $1 in
  is-active) [[ -e $pid ]] && kill -0 "$(<$pid)" 2>/dev/null ;;
  is-enabled) [[ -e DIRECTORY/enabled ]] ;;
  enable) touch DIRECTORY/enabled ;;
  disable) rm -f DIRECTORY/enabled; [[ $* != *--now* ]] || stop ;;
  restart)
    stop
    program=$(sed -n 's/^ExecStart=//p' $unit)
    mkdir -p $state; chmod 700 $state
    set -a
    [[ ! -e $etc/environment ]] || . $etc/environment
    LMCP_TOKEN_FILE=$etc/token LMCP_STATE_DIR=$state setsid "\${program/#%h/$HOME}" </dev/null >/dev/null 2>&1 &
    echo $! >$pid
    ;;
esac
`;

const install = (directory: string, name: string, text: string) =>
  Deno.writeTextFile(`${directory}/bin/${name}`, text.replaceAll("DIRECTORY", directory), {
    mode: 0o755,
  });

testOnMachine(
  "add-host.sh has systemd start the agent, at every start of the machine",
  async (machine) => {
    const { directory, sh } = machine;
    await sh("mkdir -p /run/systemd/system");
    await install(directory, "systemctl", SYSTEMCTL);
    const before = await machine.state();
    const { code, stdout, stderr } = await machine.addHost("web1");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /service manager: systemd$/m);
    assert.doesNotMatch(stdout, /reboot/);
    const calls = await Deno.readTextFile(`${directory}/calls`);
    assert.match(
      calls,
      /^systemctl daemon-reload\nsystemctl enable --quiet lmcp-agent\nsystemctl restart lmcp-agent$/m,
    );
    assert.equal(
      (await machine.run("systemd-analyze verify /etc/systemd/system/lmcp-agent.service")).stderr,
      "",
    );
    const state = await machine.state();
    assert.match((await machine.addHost("web1")).stdout, /nothing to do/);
    assert.equal(await machine.state(), state);
    // Stopped by somebody: started again.
    await sh("bin/systemctl disable --now lmcp-agent");
    assert.match((await machine.addHost("web1")).stdout, /^web1: started/m);
    assert.equal((await machine.addHost("web1 --remove")).code, 0);
    await assert.rejects(Deno.stat(`${directory}/enabled`), Deno.errors.NotFound);
    assert.equal(await machine.state(), before);
  },
);

testOnMachine(
  "add-host.sh has a user's own systemd start the agent, and linger",
  async (machine) => {
    const { directory, sh } = machine;
    await sh(`mkdir -p /run/systemd/system; id=$(id -u tester); mkdir -p /run/user/$id/systemd
python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('/run/user/$id/systemd/private')"
chown -R tester /run/user/$id; chmod 777 .; mkdir lingering; chmod 777 lingering`);
    await install(directory, "systemctl", SYSTEMCTL);
    await install(
      directory,
      "loginctl",
      `#!/bin/sh
case $1 in
  enable-linger) touch DIRECTORY/lingering/yes ;;
  disable-linger) rm DIRECTORY/lingering/yes ;;
  show-user) if [ -e DIRECTORY/lingering/yes ]; then echo yes; else echo no; fi ;;
esac
`,
    );
    const before = await machine.state();
    const { code, stdout, stderr } = await machine.addHost("tester@web1 --name web1");
    assert.equal(code, 0, stdout + stderr);
    assert.doesNotMatch(stdout, /reboot/);
    await Deno.stat(`${directory}/lingering/yes`);
    assert.match((await machine.addHost("tester@web1 --name web1")).stdout, /nothing to do/);
    assert.equal((await machine.addHost("tester@web1 --name web1 --remove")).code, 0);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${directory}/lingering`)), []);
    assert.equal(await machine.state(), before);
    // Where one may not linger, it is said what that means.
    await install(directory, "loginctl", "#!/bin/sh\nexit 1\n");
    const again = await machine.addHost("tester@web1 --name web1");
    assert.equal(again.code, 0, again.stderr);
    assert.match(
      again.stdout,
      /does not come back after a reboot; root can change that there: loginctl enable-linger tester$/m,
    );
  },
);

const LAUNCHCTL = `#!/usr/bin/python3
import os, plistlib, signal, subprocess, sys, time
pid = "DIRECTORY/pid.service"
def running():
    try:
        os.kill(int(open(pid).read()), 0)
        return True
    except (OSError, ValueError):
        return False
command, target = sys.argv[1], sys.argv[2]
if command == "bootstrap":
    service = plistlib.load(open(sys.argv[3], "rb"))
    log = open(service["StandardErrorPath"], "a")
    child = subprocess.Popen(service["ProgramArguments"], env={**os.environ, **service["EnvironmentVariables"]},
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    open(pid, "w").write(str(child.pid))
elif target != f"user/{os.getuid()}/lmcp-agent" or not running():
    sys.exit(113)
elif command == "print":
    print("\\tstate = running")
elif command == "bootout":
    os.kill(int(open(pid).read()), signal.SIGTERM)
    while running(): time.sleep(0.05)
`;

testOnMachine("add-host.sh has launchd start the agent on macOS", async (machine) => {
  const { directory, sh } = machine;
  const uname = "#!/bin/sh\ncase $1 in -m) echo arm64 ;; *) echo Darwin ;; esac\n";
  await install(directory, "uname", uname);
  await install(directory, "launchctl", LAUNCHCTL);
  await sh("chmod 777 .; mv dist/lmcp-agent dist/lmcp-agent-macos-arm64");
  await writeSums(`${directory}/dist`);
  const before = await machine.state();
  const add = "tester@web1 --name web1";
  const { code, stdout, stderr } = await machine.addHost(add);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /as tester: Darwin arm64, service manager: launchd$/m);
  assert.match(stdout, /copying lmcp-agent-macos-arm64/);
  assert.match(stdout, /and \/home\/tester\/Library\/LaunchAgents\/lmcp-agent\.plist$/m);
  assert.match(stdout, /the agent comes back when tester logs in$/m);
  assert.match((await machine.addHost(add)).stdout, /nothing to do/);
  const removed = await machine.addHost(`${add} --remove`);
  assert.equal(removed.code, 0, removed.stderr);
  assert.equal(await machine.state(), before);
});
