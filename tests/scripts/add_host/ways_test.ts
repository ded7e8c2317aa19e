import assert from "node:assert/strict";
import { testOnMachine } from "./machine.ts";

testOnMachine("add-host.sh installs for a user without root, below the home", async (machine) => {
  const before = await machine.state();
  const { code, stdout, stderr } = await machine.addHost("tester@web1 --name Web1");
  assert.equal(code, 0, stdout + stderr);
  assert.match(
    stdout,
    /installed \/home\/tester\/\.local\/bin\/lmcp-agent and \/home\/tester\/\.config/,
  );
  assert.match(stdout, /does not come back after a reboot/);
  assert.equal(
    await machine.sh(
      "cd /home/tester/.config/lmcp-agent; stat -c '%n %a %U' token; ps -o user= -p $(cut -d' ' -f1 ~tester/.local/state/lmcp-agent/process)",
    ),
    "token 600 tester\ntester\n",
  );
  assert.match(
    await Deno.readTextFile(machine.registry),
    /\[hosts\.Web1\]\nlmcp_url = "ssh:\/\/tester@web1:\d+\/mcp"\nssh_host = "tester@web1"\n/,
  );
  const state = await machine.state();
  assert.match((await machine.addHost("tester@web1 --name Web1")).stdout, /nothing to do/);
  assert.equal(await machine.state(), state);
  const removed = await machine.addHost("tester@web1 --name Web1 --remove");
  assert.equal(removed.code, 0, removed.stderr);
  assert.equal(await machine.state(), before);
});

testOnMachine(
  "add-host.sh --user installs for root as for any user; sudo without a password is root",
  async (machine) => {
    const before = await machine.state();
    const user = await machine.addHost("web1 --user");
    assert.equal(user.code, 0, user.stdout + user.stderr);
    assert.match(user.stdout, /installed \/root\/\.local\/bin\/lmcp-agent/);
    assert.equal((await machine.addHost("web1 --user --remove")).code, 0);
    assert.equal(await machine.state(), before);
    // One that changes to root by itself, in place of sudo.
    await machine.sh(`cat >sudo.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
  if (count < 3 || strcmp(words[1], "-n") || setuid(0)) return 1;
  setenv("HOME", "/root", 1);
  execvp(words[2], words + 2);
  return 1;
}
END
if command -v cc >/dev/null; then cc -o bin/sudo sudo.c && chmod 4755 bin/sudo; fi`);
    if ((await machine.run("test -u bin/sudo")).code !== 0) return;
    const root = await machine.addHost("tester@web1 --name web1");
    assert.equal(root.code, 0, root.stdout + root.stderr);
    assert.match(root.stdout, /logged in to tester@web1 as root: /);
    assert.match(root.stdout, /installed \/usr\/local\/bin\/lmcp-agent/);
    assert.equal((await machine.addHost("tester@web1 --name web1 --remove")).code, 0);
    assert.equal(await machine.state(), before);
  },
);

testOnMachine(
  "add-host.sh --listen has the hub connect to the agent's address",
  async (machine) => {
    const before = await machine.state();
    const { code, stdout, stderr } = await machine.addHost(
      "web1 --listen $(hostname -I | cut -d' ' -f1)",
    );
    assert.equal(code, 0, stdout + stderr);
    const [, address] = /lmcp_url = "http:\/\/(.*):\d+\/mcp"\nssh_host = "web1"/
      .exec(await Deno.readTextFile(machine.registry)) ?? [];
    assert.match(address ?? "", /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal(
      await machine.sh("cat /etc/lmcp-agent/environment"),
      `LMCP_HOST=${address}\nLMCP_PORT=${machine.port}\n`,
    );
    assert.match((await machine.addHost(`web1 --listen ${address}`)).stdout, /nothing to do/);
    // What an operator has set stays.
    await machine.sh("echo LMCP_LOG=json >>/etc/lmcp-agent/environment");
    assert.equal((await machine.addHost(`web1 --listen ${address}`)).code, 0);
    assert.match(await machine.sh("cat /etc/lmcp-agent/environment"), /^LMCP_LOG=json$/m);
    assert.equal((await machine.addHost("web1 --remove")).code, 0);
    assert.equal(await machine.state(), before);
  },
);

testOnMachine(
  "add-host.sh checks that the service's own user can log in, and helps if not",
  async (machine) => {
    const { sh, run, port } = machine;
    await sh(`useradd --system --home-dir /var/lib/lmcp-hub --shell /usr/sbin/nologin lmcp-hub
mkdir -m 700 /var/lib/lmcp-hub; chown lmcp-hub: /var/lib/lmcp-hub
mkdir -m 750 /etc/lmcp-hub; printf '# Mine.\\n' >/etc/lmcp-hub/hosts.toml; chmod 640 /etc/lmcp-hub/hosts.toml
printf 'LMCP_HOST=0.0.0.0\\nLMCP_HUB_WAIT="45"\\n' >/etc/lmcp-hub/environment
chgrp -R lmcp-hub /etc/lmcp-hub; chmod 711 .; install dist/lmcp-hub /usr/local/bin`);
    const add = `dist/add-host.sh web1 --port ${port}`;
    const before = await machine.state();
    const { code, stderr } = await run(add);
    assert.equal(code, 1);
    assert.match(stderr, /^ {2}runuser -u lmcp-hub -- ssh root@web1 true$/m);
    assert.match(stderr, /the hub's user lmcp-hub cannot log in: /);
    assert.equal(await machine.state(), before);
    // As it says. ssh-copy-id calls ssh with a configuration of its own.
    const help = stderr.split("\n").filter((line) => line.startsWith("  ")).join("\n");
    await sh(`set -e
${help.replace("runuser -u lmcp-hub -- ssh root@web1 true", "")}
cp ssh_config /var/lib/lmcp-hub/.ssh/config; chown lmcp-hub /var/lib/lmcp-hub/.ssh/config
runuser -u lmcp-hub -- ssh root@web1 true`);
    const added = await run(add);
    assert.equal(added.code, 0, added.stdout + added.stderr);
    assert.match(added.stdout, /the hub's user lmcp-hub can log in there/);
    assert.equal(
      await sh("stat -c '%a %U %G' /etc/lmcp-hub/hosts.toml /etc/lmcp-hub/tokens/web1"),
      "640 root lmcp-hub\n600 lmcp-hub root\n",
    );
    assert.match((await run(add)).stdout, /nothing to do/);
    assert.equal((await run(`${add} --remove`)).code, 0);
    assert.equal(await sh("cat /etc/lmcp-hub/hosts.toml"), "# Mine.\n");
  },
);
