import assert from "node:assert/strict";
import { programCommand } from "../compile/program.ts";
import { freePort } from "../free_port.ts";
import { at, request } from "../mcp/wire.ts";
import { callTool, postTo, untilListening } from "./client.ts";

/** Calls whose lines on standard error together are far longer than a pipe holds. */
const CALLS = 400;
const LONG_PATH = "x".repeat(1_000);

/** A hub whose standard error nobody reads. */
async function startUnread() {
  const directory = await Deno.makeTempDir({ prefix: "unread-" });
  const port = freePort();
  const registry = `${directory}/hosts.toml`;
  const dead = `[hosts.dead]\nlmcp_url = "http://127.0.0.1:${freePort()}/mcp"\n`;
  await Deno.writeTextFile(registry, dead, { mode: 0o600 });
  const child = programCommand("hub", ["--port", String(port)], {
    cwd: directory,
    env: { LMCP_HUB_CONF: "", LMCP_HUB_BACKENDS: registry },
  }).spawn();
  await child.stdin.close();
  await untilListening(port);
  return {
    child,
    url: `http://127.0.0.1:${port}/mcp`,
    readErrors: () => new Response(child.stderr).text(),
    async [Symbol.asyncDispose]() {
      await child.stdout.cancel();
      if (!child.stderr.locked) await child.stderr.cancel();
      await child.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function fillErrors(url: string): Promise<void> {
  for (let count = 0; count < CALLS; count++) {
    const { text } = await callTool(url, {
      tool: "remote_read_file",
      args: { host: "dead", path: LONG_PATH },
    });
    assert.match(text, /^Error: lmcp: connect: connection refused/);
  }
}

Deno.test("a hub whose standard error nobody reads goes on, and stops when it is asked to", async () => {
  await using hub = await startUnread();
  await fillErrors(hub.url);
  const response = await postTo(hub.url, request(1, "ping"));
  assert.equal(at(await response.json(), "id"), 1);
  const askedAt = performance.now();
  hub.child.kill("SIGTERM");
  assert.equal((await hub.child.status).code, 0);
  // It gives its last lines a moment each, and not for ever.
  assert.ok(performance.now() - askedAt < 8_000);
});

Deno.test("a hub says how many lines nobody read, once somebody reads again", async () => {
  await using hub = await startUnread();
  for (let round = 0; round < 6; round++) await fillErrors(hub.url);
  const errors = hub.readErrors();
  await fillErrors(hub.url);
  hub.child.kill("SIGTERM");
  assert.equal((await hub.child.status).code, 0);
  const lines = (await errors).trimEnd().split("\n");
  const [, lost] = /^lmcp-hub: (\d+) lines are missing here, since nobody read them$/m
    .exec(lines.join("\n")) ?? assert.fail("no line says it");
  const calls = lines.filter((line) => line.includes('"event":"ended"'));
  assert.ok(Number(lost) > 100);
  assert.ok(calls.length > 200);
  assert.ok(lines.some((line) => line.includes("stopping")));
});
