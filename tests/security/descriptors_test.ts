import assert from "node:assert/strict";
import { callTool, untilListening } from "../e2e/client.ts";
import { type PermissionSet, type RunningProgram, startProgram } from "../e2e/program.ts";
import { holdCommand } from "../held_command.ts";
import { at, request } from "../mcp/wire.ts";
import { until } from "../processes.ts";

/** The limit of the programs here; a connection and more of them than that are opened. */
const DESCRIPTORS = 256;
const FLOOD = 400;
const HALF_A_REQUEST = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le";

/** Opens connections that send nothing, or half a request, as many as are accepted. */
async function flood({ port }: RunningProgram, count: number): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  for (let opened = 0; opened < count; opened++) {
    try {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connections.push(connection);
      if (opened % 2 === 0) await connection.write(new TextEncoder().encode(HALF_A_REQUEST));
    } catch {
      // It refuses connections for a moment, or has closed this one.
    }
  }
  return connections;
}

/** Whether somebody who comes now, and has no connection yet, is served. */
async function isAnswered(url: string): Promise<boolean> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  try {
    const response = await fetch(url, {
      client,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request(1, "ping")),
      signal: AbortSignal.timeout(500),
    });
    return at(await response.json(), "id") === 1;
  } catch {
    return false;
  }
}

function start(permissions: PermissionSet): RunningProgram {
  const args = permissions === "agent" ? ["--agent"] : ["--registry", "/none/hosts.toml"];
  return startProgram({ args, permissions, descriptors: DESCRIPTORS });
}

for (const permissions of ["hub", "agent"] as const) {
  Deno.test(`descriptors: more connections than the ${permissions} can hold do not end it`, async () => {
    await using program = start(permissions);
    await untilListening(program.port);
    const connections = await flood(program, FLOOD);
    try {
      await until(() => isAnswered(program.url));
      // All of them are still open on this side.
      assert.ok(connections.length > DESCRIPTORS / 2);
    } finally {
      for (const connection of connections) connection.close();
    }
    program.kill("SIGTERM");
    const { code, stderr } = await program.ended;
    assert.equal(code, 0);
    assert.match(stderr, /accepting connections failed|few descriptors are left/);
  });
}

Deno.test("descriptors: a call that runs while connections are closed is answered", async () => {
  await using program = start("agent");
  await untilListening(program.port);
  await using held = await holdCommand();
  const answer = callTool(program.url, {
    tool: "shell",
    args: { command: `${held.command}; echo done` },
  });
  await held.untilBegun();
  const connections = await flood(program, FLOOD);
  try {
    await until(() => isAnswered(program.url));
    await held.letGo();
    assert.match((await answer).text, /done/);
  } finally {
    for (const connection of connections) connection.close();
  }
});

Deno.test("descriptors: who floods for seconds does not keep others out", async () => {
  await using program = start("hub");
  await untilListening(program.port);
  const stop = new AbortController();
  const flooding = (async () => {
    while (!stop.signal.aborted) {
      for (const connection of await flood(program, FLOOD)) connection.close();
    }
  })();
  let answered = 0;
  const startedAt = performance.now();
  try {
    await until(async () => {
      if (await isAnswered(program.url)) answered++;
      return answered >= 3 && performance.now() - startedAt > 3_000;
    });
  } finally {
    stop.abort();
    await flooding;
  }
  await until(() => isAnswered(program.url));
  program.kill("SIGTERM");
  const { code, stderr } = await program.ended;
  assert.equal(code, 0);
  assert.match(stderr, /WARN few files and connections can be open at once: raise the limit/);
});
