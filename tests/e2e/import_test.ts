import assert from "node:assert/strict";
import { SSHD, startSshd } from "../sshd.ts";
import { runProgram, temporaryFile } from "./program.ts";

const NAME = "what --import prints of ssh's configuration and of an inventory can be probed";

Deno.test({
  name: SSHD === null ? `${NAME} (ignored: sshd is not installed)` : NAME,
  ignore: SSHD === null,
  fn: async () => {
    await using sshd = await startSshd();
    const written = await Deno.readTextFile(sshd.sshConfig);
    await using config = await temporaryFile(
      "config",
      `${written}\nHost 127.*\n${written.replace(/^Host .*\n|^ *(Port|HostName|User) .*\n/gm, "")}`,
    );
    const env = { LMCP_HUB_SSH_CONFIG: config.path };
    const aliases = await runProgram({
      args: ["--import", "ssh-config", "--registry=/dev/null"],
      env,
    });
    assert.deepEqual([aliases.code, aliases.stderr], [0, ""]);
    assert.match(aliases.stdout, /^\[hosts\.target\]\nssh_host = "target"$/m);

    await using registry = await temporaryFile("hosts.toml", aliases.stdout);
    await using inventory = await temporaryFile(
      "inventory.json",
      JSON.stringify({
        all: { hosts: ["by-port"] },
        _meta: { hostvars: { "by-port": { ansible_host: "127.0.0.1", ansible_port: sshd.port } } },
      }),
    );
    const more = await runProgram({
      args: ["--import", "ansible", inventory.path, "--registry", registry.path],
    });
    assert.deepEqual([more.code, more.stderr], [0, ""]);
    assert.match(more.stdout, new RegExp(`ssh_host = "ssh://127\\.0\\.0\\.1:${sshd.port}"`));
    await Deno.writeTextFile(registry.path, more.stdout, { append: true });

    const probed = await runProgram({ args: ["--probe", "--registry", registry.path], env });
    assert.equal(probed.code, 0, probed.stdout + probed.stderr);
    assert.match(probed.stdout, /^target +UP/m);
    assert.match(probed.stdout, /^by-port +UP/m);
  },
});
