import assert from "node:assert/strict";
import type { Ssh } from "../../../lib/fleet/ssh/client.ts";
import { NO_FORWARDS } from "../../../lib/fleet/ssh/forward.ts";
import { createSshTransport } from "../../../lib/fleet/ssh/transport.ts";
import type { ProbeResult } from "../../../lib/fleet/transport.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import { openSshdTarget, sshHost, sshTest } from "./target.ts";

function probe(ssh: Ssh): Promise<ProbeResult> {
  const options = { ssh, probesReuse: true, claims: () => null, now: () => 0 };
  return createSshTransport(sshHost(), options).probe(new AbortController().signal);
}

Deno.test("probe() over ssh does not take a host for up where a command fails to start another", async () => {
  const output = new OutputCapture({ headBytes: 1024, tailBytes: 0 });
  const said = "bash: fork: retry: No\nbash: fork: Resource temporarily unavailable\n";
  output.write("stderr", new TextEncoder().encode(said));
  const scripts: string[] = [];
  const ssh: Ssh = {
    run: (_host, { source }) => {
      scripts.push(source);
      return Promise.resolve({ kind: "ran", exitCode: 254, ended: "itself", output });
    },
    renew: () => {},
    close: () => Promise.resolve(),
    load: () => ({ running: 0, waiting: 0 }),
    warm: () => {},
    forwards: NO_FORWARDS,
    spares: () => ({ waiting: 0, taken: 0 }),
  };
  assert.deepEqual(await probe(ssh), {
    up: false,
    error: "rc=254",
    detail: "a command could not be run: resource temporarily unavailable",
  });
  assert.match(scripts.join(), /\(exit 0\)/, "a process of its own");
});

sshTest("probe() over ssh takes a host for up that has bash alone", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.symlink("/bin/bash", `${directory}/bash`);
  const start = `export PATH=${directory}; eval "$SSH_ORIGINAL_COMMAND"`;
  await using target = await openSshdTarget({ serverConfig: [`ForceCommand ${start}`] });
  assert.equal((await probe(target.ssh)).up, true);
  await Deno.remove(directory, { recursive: true });
});

sshTest("probe() over ssh does not take a host for up whose shell can start nothing", async () => {
  const start = 'ulimit -n 8; eval "$SSH_ORIGINAL_COMMAND"';
  await using target = await openSshdTarget({ serverConfig: [`ForceCommand ${start}`] });
  const look = await probe(target.ssh);
  assert.match(look.up ? "up" : look.detail, /^the host's shell could not start it: .*Too many/);
});
