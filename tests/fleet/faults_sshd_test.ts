import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/time/clock.ts";
import { spawnProcess } from "../../lib/base/process.ts";
import { createSsh, type Ssh } from "../../lib/fleet/ssh/client.ts";
import { freePort } from "../free_port.ts";
import { startBackend } from "../lab/backend.ts";
import { reset, silent } from "../lab/faults/connection.ts";
import { createNonce } from "../lab/executions.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { labHost } from "../lab/host.ts";
import { status } from "../lab/faults/http.ts";
import { openHub } from "../lab/hub.ts";
import { SSHD, startSshd } from "../sshd.ts";
import { summary } from "./answers.ts";

const why = SSHD === null ? " (ignored: this machine has no sshd)" : "";

/** A file that counts the shell commands that ran, over a real ssh. */
interface Remote {
  readonly ssh: Ssh;
  readonly journal: string;
}

async function withSshd(test: (remote: Remote) => Promise<void>): Promise<void> {
  await using sshd = await startSshd();
  const client = { program: "ssh", configFile: sshd.sshConfig, secretVariables: () => [] };
  const ssh = createSsh({ client, spawn: spawnProcess, control: null, clock: systemClock });
  await test({ ssh, journal: `${sshd.directory}/journal` });
}

/** Sends a shell command that can be counted; returns how often it ran, on the backend and over ssh. */
async function countRuns(fault: Fault, { ssh, journal }: Remote) {
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? fault : null,
  });
  const timeouts = { connectMs: 3_000, lmcpMs: 500 };
  const host = labHost({ lmcpUrl: backend.url, sshHost: "target", timeouts });
  await using hub = openHub({ hosts: [host], ssh });
  const nonce = createNonce();
  const args = { host: host.name, command: `echo ${nonce} >>${journal}`, timeout: 1 };
  const { outcome, via } = summary(await hub.call("remote_shell", args));
  const lines = await Deno.readTextFile(journal).catch(() => "");
  const overSsh = lines.split("\n").filter((line) => line === nonce).length;
  return { outcome, via, lmcp: backend.executions.count(nonce), ssh: overSsh };
}

Deno.test({
  name: `a shell call that the backend refused runs once, over a real ssh${why}`,
  ignore: SSHD === null,
  fn: () =>
    withSshd(async (remote) => {
      const expected = { outcome: "ok", via: "ssh", lmcp: 0, ssh: 1 };
      assert.deepEqual(await countRuns(status(413), remote), expected);
    }),
});

Deno.test({
  name: `a shell call whose answer was lost does not reach a real ssh${why}`,
  ignore: SSHD === null,
  fn: () =>
    withSshd(async (remote) => {
      const expected = { outcome: "unknown", via: "lmcp", lmcp: 1, ssh: 0 };
      for (const fault of [reset, silent, status(503)]) {
        assert.deepEqual(await countRuns(fault, remote), expected, fault.name);
      }
    }),
});

Deno.test({
  name: `files are written and read over a real ssh when the port refuses${why}`,
  ignore: SSHD === null,
  fn: () =>
    withSshd(async ({ ssh, journal }) => {
      const host = labHost({ lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`, sshHost: "target" });
      await using hub = openHub({ hosts: [host], ssh });
      const [name, path, content] = [host.name, journal, "a\nb €"];
      const written = await hub.call("remote_write_file", { host: name, path, content });
      assert.match(summary(written).text, new RegExp(`Written 7 bytes to ${path} \\(via ssh\\)$`));
      const read = await hub.call("remote_read_file", { host: name, path });
      assert.equal(summary(read).text, `[via ssh fallback]\n${content}`);
    }),
});
