import assert from "node:assert/strict";
import { at } from "../../mcp/wire.ts";
import { startBackend } from "../../lab/backend.ts";
import type { LabConnection } from "../../lab/connection.ts";
import type { Fault } from "../../lab/faults/fault.ts";
import { silent } from "../../lab/faults/connection.ts";
import { answerAfterProgress } from "../../lab/faults/progress.ts";
import { modernDialect } from "../../lab/dialect.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { firstText, summary } from "../answers.ts";
import { throughSsh } from "../claims/lab.ts";
import { openSshdTarget, type SshdTarget, sshTest } from "../ssh/target.ts";

/** A login and what forwards its port take some processes, each of which may be slow to start. */
const timeouts = { connectMs: 20_000 };

/** A hub that reaches an agent, which claims calls, through a real sshd. */
async function openLab({ serverConfig = [] }: { readonly serverConfig?: readonly string[] } = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.realPath(await Deno.makeTempDir());
  stack.defer(() => removeDirectory(directory));
  const target: SshdTarget = stack.use(await openSshdTarget({ serverConfig }));
  const agent = stack.use(startAgentServer(directory, { claims: true }));
  const host = labHost({ sshHost: "target", lmcpUrl: throughSsh(agent.url), timeouts });
  const hub = stack.use(openHub({ hosts: [host], ssh: target.ssh }));
  const owned = stack.move();
  return {
    directory,
    target,
    hub,
    host,
    shell: async (command: string) =>
      summary(await hub.call("remote_shell", { host: host.name, command })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

sshTest("30 calls at once go through one ssh connection, and each runs once", async () => {
  await using lab = await openLab({ serverConfig: ["MaxSessions 1"] });
  const answers = await Promise.all(
    Array.from(
      { length: 30 },
      (_, call) => lab.shell(`echo ${call} >>${lab.directory}/runs; sleep 0.05; echo ${call}`),
    ),
  );
  assert.deepEqual(
    answers.map(({ via, text }) => [via, text]),
    answers.map((_, call) => [
      "lmcp",
      `[rc=0]\n${call}\n`,
    ]),
  );
  const runs = (await Deno.readTextFile(`${lab.directory}/runs`)).trim().split("\n");
  assert.deepEqual(runs.map(Number).sort((a, b) => a - b), answers.map((_, call) => call));
  assert.equal(lab.target.children.length, 2);
  assert.equal(lab.target.ssh.load().running, 0);
});

sshTest("a content of 16 MiB goes through ssh and comes back", async () => {
  await using lab = await openLab();
  const content = "0123456789abcde\n".repeat(1024 * 1024);
  const path = `${lab.directory}/large`;
  const args = { host: lab.host.name, path };
  const written = summary(await lab.hub.call("remote_write_file", { ...args, content }));
  assert.deepEqual([written.outcome, written.via], ["ok", "lmcp"], written.text);
  const read = await lab.hub.call("remote_read_file", args);
  assert.equal(summary(read).via, "lmcp");
  assert.ok(firstText(read) === content || at(read.structuredContent, "content") === content);
});

sshTest("progress comes through ssh while a call runs", async () => {
  const seen = Promise.withResolvers<string>();
  const fault = answerAfterProgress(seen.promise);
  await using target = await openSshdTarget();
  await using backend = await startBackend({
    dialect: modernDialect,
    behaviour: ({ method }) => method === "tools/call" ? fault : null,
  });
  const host = labHost({ sshHost: "target", lmcpUrl: throughSsh(backend.url), timeouts });
  await using hub = openHub({ hosts: [host], ssh: target.ssh });
  const args = { host: host.name, command: "true" };
  const answer = await hub.call("remote_shell", args, { onProgress: seen.resolve });
  assert.equal(firstText(answer), "from the backend");
  assert.equal(await seen.promise, "half way");
});

sshTest(
  "calls reach a backend behind ssh that closes each connection after its answer",
  async () => {
    await using target = await openSshdTarget();
    await using backend = await startBackend({ dialect: modernDialect, keepAlive: false });
    const host = labHost({ sshHost: null, lmcpUrl: throughSsh(backend.url) });
    await using hub = openHub({ hosts: [host], ssh: target.ssh });
    for (let call = 0; call < 3; call++) {
      const answer = await hub.call("remote_shell", { host: host.name, command: "true" });
      assert.equal(firstText(answer), "from the backend");
    }
    assert.ok(backend.requests.every(({ wire }) => wire.before === 0));
  },
);

sshTest("a cancelled call closes its connection through ssh", async () => {
  const called = Promise.withResolvers<LabConnection>();
  // The hub may have others, which are idle and kept for longer.
  const noted: Fault = {
    ...silent,
    strike: (exchange) => {
      called.resolve(exchange.connection);
      return silent.strike(exchange);
    },
  };
  await using target = await openSshdTarget();
  await using backend = await startBackend({
    dialect: modernDialect,
    behaviour: ({ method }) => method === "tools/call" ? noted : null,
  });
  const host = labHost({ sshHost: "target", lmcpUrl: throughSsh(backend.url), timeouts });
  await using hub = openHub({ hosts: [host], ssh: target.ssh });
  const caller = new AbortController();
  const { signal } = caller;
  const call = hub.call("remote_shell", { host: host.name, command: "true" }, { signal });
  const connection = await called.promise;
  caller.abort();
  assert.equal(summary(await call).outcome, "unknown");
  await until(() => connection.isClosed);
});

sshTest("a call that was cancelled on the agent is ended there", async () => {
  await using lab = await openLab();
  const caller = new AbortController();
  const path = `${lab.directory}/ended`;
  const sleep = uniqueSleep(61);
  const command = `sleep ${sleep}; touch ${path}`;
  const { signal } = caller;
  const call = lab.hub.call("remote_shell", { host: lab.host.name, command }, { signal });
  // The text of the command is in the arguments of its shell, too.
  await until(async () => (await findProcesses(sleep)).length > 0);
  caller.abort();
  await call;
  await until(async () => (await findProcesses(sleep)).length === 0);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
});

sshTest("two hosts behind one destination have their own backends and one connection", async () => {
  await using target = await openSshdTarget();
  await using one = await startBackend();
  await using two = await startBackend();
  const hosts = [one, two].map(({ url }, index) =>
    labHost({ name: `h${index}`, token: `token-${index}`, sshHost: null, lmcpUrl: throughSsh(url) })
  );
  await using hub = openHub({ hosts, ssh: target.ssh });
  await Promise.all(
    hosts.map(({ name }) => hub.call("remote_shell", { host: name, command: "true" })),
  );
  const tokens = [one, two].map(({ requests }) =>
    requests.map(({ wire }) => wire.headers.get("authorization"))
  );
  assert.deepEqual(tokens.map((all) => [...new Set(all)]), [["Bearer token-0"], [
    "Bearer token-1",
  ]]);
  assert.equal(target.children.filter(({ command }) => command.args.includes("bash -s")).length, 2);
});
