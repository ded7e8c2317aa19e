import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { freePort } from "../free_port.ts";
import { holdCommand } from "../held_command.ts";
import { carry } from "../lab/carry.ts";
import { at } from "../mcp/wire.ts";
import { NATS_SERVER, startNats, type TestNats } from "../nats/server.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { callTool, untilListening } from "./client.ts";
import { startProgram, temporaryFile } from "./program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const REGISTRY = `
[nats]
discover = true
tags = ["laptop"]

[nats.default]
tags = ["found"]

[clients.ann]
token = "token-of-ann"
hosts = ["@laptop"]

[clients.bob]
token = "token-of-bob"
hosts = ["elsewhere"]
`;

/** The agent's program in a network namespace that has no route at all, with a way out to NATS. */
async function startIsolatedAgent(server: TestNats, name: string) {
  const directory = await Deno.makeTempDir({ prefix: "isolated-" });
  const socket = `${directory}/nats.sock`;
  const exit = Deno.listen({ transport: "unix", path: socket });
  const exiting = (async () => {
    for await (const near of exit) {
      void Deno.connect({ port: server.port }).then((far) => carry(near, far), () => near.close());
    }
  })();
  const script = 'ip link set lo up; "$0" run -A --no-lock tests/lab/unix_relay.ts 4222 "$1" & ' +
    'exec "$0" run --quiet --no-prompt -P=agent main.ts --agent';
  const child = new Deno.Command("unshare", {
    args: ["-n", "sh", "-c", script, Deno.execPath(), socket],
    cwd: ROOT,
    env: {
      LMCP_NATS_URL: "nats://127.0.0.1:4222",
      LMCP_NATS_NAME: name,
      LMCP_TAGS: "laptop,prod",
      LMCP_STATE_DIR: `${directory}/state`,
      LD_LIBRARY_PATH: "",
    },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  return {
    directory,
    pid: child.pid,
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      for (const pid of await findProcesses(socket)) Deno.kill(pid, "SIGKILL");
      await reading;
      exit.close();
      await exiting;
      await Deno.remove(directory, { recursive: true });
      assert.equal(code, 0, said);
    },
  };
}

/** The connections, and listening ports, of the namespace that a process is in. */
async function socketsOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("nsenter", {
    args: ["-t", String(pid), "-n", "sh", "-c", "ip -4 -o addr; ip route; ss -H -tln"],
  }).output();
  return new TextDecoder().decode(stdout);
}

const needs = NATS_SERVER === null || Deno.uid() !== 0 ? " (needs nats-server, and root)" : "";

Deno.test({
  name: `every tool works on a host without a route in, whose agent only connects out${needs}`,
  ignore: needs !== "",
  fn: async () => {
    await using server = await startNats();
    await using agent = await startIsolatedAgent(server, "laptop7");
    await using registry = await temporaryFile("hosts.toml", REGISTRY);
    await using hub = startProgram({
      env: {
        LMCP_HUB_BACKENDS: registry.path,
        LMCP_TOKEN: "token-of-hub",
        LMCP_NATS_URL: server.url,
        LMCP_HUB_CONTROL_DIR: agent.directory,
      },
    });
    await untilListening(hub.port);
    const call = async (tool: string, args: Record<string, unknown>, token = "token-of-hub") =>
      await callTool(hub.url, { tool, args, headers: { authorization: `Bearer ${token}` } });
    const listed = async (token?: string) => {
      const { structured } = await call("remote_list_hosts", {}, token);
      const hosts = at(structured, "hosts");
      return Array.isArray(hosts)
        ? hosts.map((host) => [host.name, host.up, host.via, host.tags])
        : [];
    };
    await until(() => agent.said().includes("NATS is connected"));
    await until(async () => (await listed()).length === 1);
    const laptop = ["laptop7", true, "nats", ["found", "laptop"]];
    assert.deepEqual(await listed(), [laptop]);
    assert.deepEqual(await listed("token-of-ann"), [laptop]);
    assert.deepEqual(await listed("token-of-bob"), []);

    const sockets = await socketsOf(agent.pid);
    assert.match(sockets, /127\.0\.0\.1\/8/);
    assert.equal(sockets.match(/inet /g)?.length, 1, sockets);
    assert.deepEqual(sockets.match(/LISTEN.*/g)?.length, 1, sockets);
    assert.match(sockets, /127\.0\.0\.1:4222/);

    const host = "laptop7";
    const file = `${agent.directory}/file`;
    const ok = async (tool: string, args: Record<string, unknown>) => {
      const answer = await call(tool, args);
      assert.equal(answer.isError, false, `${tool}: ${answer.text}`);
      return answer.structured;
    };
    assert.equal(
      at(await ok("remote_shell", { host, command: "echo $((6*7))" }), "stdout"),
      "42\n",
    );
    await ok("remote_run", { targets: "@laptop", command: "true", expect: 1 });
    await ok("remote_write_file", { host, path: file, content: "one\n" });
    await ok("remote_edit_file", { host, path: file, old_string: "one", new_string: "two" });
    await ok("remote_read_file", { host, path: file });
    assert.equal(await Deno.readTextFile(file), "two\n");
    await ok("remote_list_dir", { host, path: agent.directory });
    await ok("remote_search_files", { host, path: agent.directory, pattern: "file" });
    await ok("remote_copy", { from: `${host}:${file}`, to: `${host}:${file}2` });
    assert.equal(await Deno.readTextFile(`${file}2`), "two\n");
    const sleep = `sleep ${uniqueSleep(60)}`;
    const started = await ok("remote_shell_bg", {
      host,
      command: `echo begun; ${sleep}`,
      name: "j",
    });
    const id = at(started, "details", "id");
    const jobs = await ok("remote_jobs", { targets: host });
    assert.equal(at(jobs, "jobs", 0, "id"), id);
    assert.equal(
      at(await ok("remote_output", { host, id, offset: 0, wait: 5 }), "text"),
      "begun\n",
    );
    await ok("remote_kill", { host, id });
    await until(async () => (await findProcesses(sleep)).length === 0);
    await ok("remote_wait", { targets: host, for: "up", timeout: 5 });
    const tools = await ok("remote_tools", { host });
    assert.ok(Array.isArray(at(tools, "tools")));
    const own = await call("remote_call_tool", {
      host,
      tool: "shell",
      arguments: { command: "x" },
    });
    assert.equal(own.isError, true);
  },
});

Deno.test({
  name: `--probe finds hosts over NATS${NATS_SERVER === null ? " (needs nats-server)" : ""}`,
  ignore: NATS_SERVER === null,
  fn: async () => {
    await using server = await startNats();
    const state = await Deno.makeTempDir();
    await using agent = startProgram({
      permissions: "agent",
      args: ["--agent"],
      env: {
        LMCP_NATS_URL: server.url,
        LMCP_NATS_NAME: "web01.lab",
        LMCP_STATE_DIR: state,
        LMCP_PORT: String(freePort()),
      },
    });
    await until(() => agent.said().includes("NATS is connected"));
    await using registry = await temporaryFile(
      "hosts.toml",
      '[hosts.web]\nnats = "web01.lab"\n[hosts.gone]\nnats = true\n[nats]\ndiscover = true\n',
    );
    await using probe = startProgram({
      args: ["--probe"],
      env: { LMCP_HUB_BACKENDS: registry.path, LMCP_NATS_URL: server.url },
    });
    const lines = await new Response(probe.stdout).text();
    const { code, stderr } = await probe.ended;
    assert.equal(code, 1, stderr);
    assert.match(lines, /^web +UP +via=nats paths=nats/m);
    assert.match(
      lines,
      /^gone +DOWN +via=- +paths=nats \[nats: connect: no agent answers for this host\]/m,
    );
    agent.kill("SIGTERM");
    assert.equal((await agent.ended).code, 0);
    await Deno.remove(state, { recursive: true });
  },
});

Deno.test({
  name: `calls on two agents of one host outlive the broker, and each runs once${
    NATS_SERVER === null ? " (needs nats-server)" : ""
  }`,
  ignore: NATS_SERVER === null,
  fn: async () => {
    await using server = await startNats();
    const state = await Deno.makeTempDir();
    const env = { LMCP_NATS_URL: server.url, LMCP_NATS_NAME: "web", LMCP_STATE_DIR: state };
    const startAgent = () => startProgram({ permissions: "agent", args: ["--agent"], env });
    await using first = startAgent();
    await using second = startAgent();
    for (const agent of [first, second]) {
      await until(() => agent.said().includes("NATS is connected"));
    }
    await using registry = await temporaryFile("hosts.toml", "[hosts.web]\nnats = true\n");
    await using hub = startProgram({
      env: {
        LMCP_HUB_BACKENDS: registry.path,
        LMCP_NATS_URL: server.url,
        LMCP_HUB_CONTROL_DIR: state,
      },
    });
    await untilListening(hub.port);
    const runs = `${state}/runs`;
    await using held = await holdCommand();
    const count = async () => (await Deno.readTextFile(runs).catch(() => "")).length;
    const calls = Array.from({ length: 12 }, (_, at) => {
      const command = `echo -n x >> ${runs}; ${held.command}; echo done ${at}`;
      return callTool(hub.url, { tool: "remote_shell", args: { host: "web", command } });
    });
    await until(async () => await count() === 12);
    await server.kill();
    await server.start();
    await held.letGo();
    const outputs = (await Promise.all(calls)).map(({ structured }) => at(structured, "stdout"));
    assert.deepEqual(outputs, Array.from({ length: 12 }, (_, at) => `done ${at}\n`));
    assert.equal(await count(), 12);
    for (const agent of [first, second]) {
      agent.kill("SIGTERM");
      assert.equal((await agent.ended).code, 0);
    }
    await Deno.remove(state, { recursive: true });
  },
});
