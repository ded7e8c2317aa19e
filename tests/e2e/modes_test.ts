import assert from "node:assert/strict";
import { freePort } from "../free_port.ts";
import { at, request } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { untilListening } from "./client.ts";
import { runProgram, startProgram, temporaryFile } from "./program.ts";

Deno.test("--probe exits with 0, 1 or 2: all are up, one is down, it cannot run", async () => {
  await using agent = startProgram({ args: ["--agent"], permissions: "agent" });
  await untilListening(agent.port);
  const down = `down - http://127.0.0.1:${freePort()}/mcp -\n`;
  await using one = await temporaryFile("hosts.conf", `up - ${agent.url} -\n`);
  await using both = await temporaryFile("hosts.conf", `up - ${agent.url} -\n${down}`);
  const probe = async (path: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runProgram({
      args: ["--probe", "--registry", path, ...args],
    });
    // It says what it waits for every two seconds.
    return [code, stdout, stderr.replace(/^lmcp-hub: waiting for \d of \d hosts\n/gm, "")];
  };
  const up = "up             UP     via=lmcp paths=lmcp\n";
  const error = "down           DOWN   via=-    paths=lmcp [lmcp: connect: connection refused]\n";
  const sorted = ([code, stdout, stderr]: (string | number)[]) => [
    code,
    String(stdout).match(/.*\n/g)?.toSorted().join("") ?? "",
    stderr,
  ];
  const results = await Promise.all([
    probe(one.path),
    probe(one.path, "--quiet"),
    probe(both.path),
    probe(both.path, "--quiet"),
    probe(both.path, "--host", "up"),
  ]);
  // Hosts are printed as they answer.
  assert.deepEqual(results.map(sorted), [
    [0, up, ""],
    [0, "", ""],
    [1, error + up, ""],
    [1, error, ""],
    [0, up, ""],
  ]);
  const [code, stdout, stderr] = await probe("/nowhere/hosts.conf");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(String(stderr), /\/nowhere\/hosts\.conf/);
});

Deno.test("--check reports every mistake with its line, and exits with 2", async () => {
  await using registry = await temporaryFile(
    "hosts.toml",
    `[hosts.a]
lmcp_url = "ftp://a.example/mcp"

[hosts.b]
ssh_host = "-oProxyCommand=id"

[hosts.c]
ssh_host = "c.example"
colour = "blue"

[hosts."d d"]
ssh_host = "d.example"

[hosts.e]
ssh_host = "e.example"
connect_timeout = -1
`,
  );
  const { code, stdout } = await runProgram({ args: ["--check", "--registry", registry.path] });
  assert.equal(code, 2);
  for (const line of [2, 5, 9, 11, 16]) {
    assert.match(stdout, new RegExp(`^/.*hosts\\.toml:${line}: error: `, "m"));
  }
  assert.match(stdout, /: 0 hosts|hosts\.toml: \d+ hosts?, 5 errors/);
});

Deno.test("a command line that cannot be parsed is reported in one line, with exit 2", async () => {
  const results = await Promise.all([["--probee"], ["--port", "x"], ["--stdio", "--probe"]].map(
    (args) => runProgram({ args }),
  ));
  for (const { code, stdout, stderr } of results) {
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^lmcp-hub: .+ \(see --help\)\n$/);
  }
});

Deno.test("--version and --help exit with 0", async () => {
  const [version, help] = await Promise.all([
    runProgram({ args: ["--version"] }),
    runProgram({ args: ["--help"] }),
  ]);
  assert.match(version.stdout, /^lmcp-hub \d+\.\d+\.\d+\n$/);
  assert.match(help.stdout, /^lmcp-hub: .*\n\nUsage:\n/);
  assert.deepEqual([version.code, help.code], [0, 0]);
});

Deno.test("--stdio answers on stdout alone, and ends with its input", async () => {
  await using registry = await temporaryFile("hosts.conf", "# none\n");
  const args = ["--stdio", "--registry", registry.path];
  await using program = startProgram({ args });
  const writer = program.stdin.getWriter();
  const output = new Response(program.stdout).text();
  const initialize = request(1, "initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  for (const message of [initialize, request(2, "tools/list"), request(3, "ping")]) {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }
  await writer.close();
  assert.equal((await program.ended).code, 0);
  const answers = (await output).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(answers.map((answer) => at(answer, "id")).sort(), [1, 2, 3]);
  const list = answers.find((answer) => at(answer, "id") === 2);
  assert.equal(at(list, "result", "tools", 1, "name"), "remote_shell");
});

Deno.test("--stdio answers on stdout alone, whatever a server of NATS sends", async () => {
  await using registry = await temporaryFile("hosts.conf", "# none\n");
  await using broker = startBadBroker();
  await using hub = startProgram({
    args: ["--stdio", "--registry", registry.path],
    env: { LMCP_NATS_URL: `nats://127.0.0.1:${broker.port}` },
  });
  await until(() => broker.served() > 0, 20_000);
  await until(() => /NATS is not connected/.test(hub.said()), 20_000);
  await hub.stdin.close();
  const output = await new Response(hub.stdout).text();
  assert.deepEqual([output, (await hub.ended).code], ["", 0]);
});

/** Accepts each connection as nats-server does, and then sends what makes no sense. */
function startBadBroker() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let count = 0;
  const serving = (async () => {
    for await (const connection of listener) void serve(connection).catch(() => {});
  })();
  async function serve(connection: Deno.TcpConn): Promise<void> {
    using _connection = connection;
    const send = (text: string) => connection.write(new TextEncoder().encode(text));
    await send('INFO {"server_id":"x","version":"2.9.10","max_payload":1048576}\r\n');
    await connection.read(new Uint8Array(4_096));
    await send("PONG\r\n");
    count++;
    await send("what is this\r\n");
    await connection.read(new Uint8Array(4_096));
  }
  return {
    port: listener.addr.port,
    served: () => count,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

Deno.test("LMCP_TRANSPORT=stdio prints each warning once", async () => {
  await using registry = await temporaryFile("hosts.conf", "lonely\n");
  for (const args of [[], ["--stdio"]]) {
    await using program = startProgram({
      args: [...args, "--quiet", "--registry", registry.path],
      env: { LMCP_TRANSPORT: "stdio" },
    });
    await program.stdin.close();
    const { code, stderr } = await program.ended;
    assert.equal(code, 0);
    assert.match(stderr, /^.*hosts\.conf:1: warning: .*the line is ignored\n$/);
  }
});

Deno.test("a program whose output nobody reads reports that, and exits with 1", async () => {
  await using program = startProgram({ args: ["--help"] });
  await program.stdout.cancel();
  const { code, stderr } = await program.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^lmcp-hub: failed: BrokenPipe: /);
});

Deno.test("serve and --agent say what to do when their port is in use", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(other.addr.port);
  const results = await Promise.all([
    runProgram({ args: ["--port", port, "--registry", "/none"] }),
    runProgram({ args: ["--agent", "--port", port], permissions: "agent" }),
  ]);
  for (const [index, { code, stderr }] of results.entries()) {
    assert.equal(code, 2);
    const name = ["lmcp-hub", "lmcp-agent"][index];
    assert.match(
      stderr,
      new RegExp(`^${name}: Cannot listen on 127\\.0\\.0\\.1 port ${port}: .*LMCP_PORT`, "m"),
    );
  }
});

Deno.test("a registry that is named and missing: serve starts and says so, --check fails", async () => {
  await using hub = startProgram({ args: ["--registry", "/nowhere/hosts.toml"] });
  const check = await runProgram({ args: ["--check"], env: { LMCP_HUB_BACKENDS: "/nowhere" } });
  assert.equal(check.code, 2);
  await untilListening(hub.port);
  hub.kill("SIGTERM");
  const { code, stderr } = await hub.ended;
  assert.equal(code, 0);
  assert.match(stderr, /^hub: no backend registry at \/nowhere\/hosts\.toml$/m);
});

Deno.test("--check ends at once on SIGTERM, whatever ssh's configuration waits for", async () => {
  const wait = `sleep ${uniqueSleep(60)}`;
  await using config = await temporaryFile("ssh_config", `Match exec "${wait}"\n`);
  await using registry = await temporaryFile("hosts.conf", "a a\n");
  await using program = startProgram({
    args: ["--check", "--registry", registry.path],
    env: { LMCP_HUB_SSH_CONFIG: config.path },
  });
  await until(async () => (await findProcesses(wait)).length > 0);
  const startedAt = performance.now();
  program.kill("SIGTERM");
  await program.ended;
  assert.ok(performance.now() - startedAt < 5_000);
  // It is ssh's, which leaves it behind.
  for (const pid of await findProcesses(wait)) Deno.kill(pid);
});

Deno.test("--bind banana is refused as a name that nobody knows", async () => {
  const results = await Promise.all([
    runProgram({ args: ["--bind", "banana"] }),
    runProgram({ args: ["--check", "--bind", "banana"] }),
    runProgram({ args: ["--agent", "--bind", "banana"], permissions: "agent" }),
  ]);
  for (const { code, stdout, stderr } of results) {
    assert.equal(code, 2);
    assert.match(stdout + stderr, /^--bind: error: "banana" is not a known name: /m);
    assert.doesNotMatch(stdout + stderr, /token/);
  }
});
