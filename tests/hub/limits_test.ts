import assert from "node:assert/strict";
import { z } from "zod";
import { defineTool } from "../../lib/mcp/tool.ts";
import { serveTools } from "../mcp/served.ts";
import { at } from "../mcp/wire.ts";
import { until } from "../processes.ts";
import { type HubProcess, startHub } from "./process.ts";

/** How soon a change must be in force. */
const LIMIT_MS = 10_000;
const ANN = "a-token-of-ann";
const OPERATOR = "a-token-of-the-operator";

/** A backend whose calls end when the test says so, and a hub with one client. */
async function start(rules: string) {
  const directory = await Deno.makeTempDir();
  const gate = Promise.withResolvers<void>();
  const seen = { begun: 0 };
  const listDir = (isHeld: () => boolean) =>
    defineTool({
      name: "list_dir",
      title: "List",
      description: "Lists nothing.",
      input: z.looseObject({}),
      readOnly: true,
      run: async () => {
        seen.begun++;
        if (isHeld()) await gate.promise;
        return { content: [{ type: "text", text: "nothing" }] };
      },
    });
  const world = { isHeld: false };
  const backend = serveTools([listDir(() => world.isHeld)]);
  const registry = `${directory}/hosts.toml`;
  const write = (fields: string, name = "ann") =>
    Deno.writeTextFile(
      registry,
      `[hosts.a]\nlmcp_url = "${backend.url}"\n[clients.${name}]\ntoken = "${ANN}"\n${fields}`,
      { mode: 0o600 },
    );
  await write(rules);
  const hub = await startHub({
    registry,
    cwd: directory,
    env: { LMCP_TOKEN: OPERATOR },
  });
  return {
    hub,
    world,
    seen,
    write,
    release: () => gate.resolve(),
    [Symbol.asyncDispose]: async () => {
      gate.resolve();
      await hub[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function call(hub: HubProcess, token = ANN, tool = "remote_list_dir") {
  const params = { name: tool, arguments: tool === "remote_list_dir" ? { host: "a" } : {} };
  const { status, body } = await hub.send("tools/call", params, token);
  return {
    status,
    isError: at(body, "result", "isError") === true,
    text: String(at(body, "result", "content", "0", "text")),
    meta: at(body, "result", "_meta", "lmcp-hub/retry_after_seconds"),
  };
}

const isLimited = ({ text }: { readonly text: string }) => text.startsWith("Error: not run, since");

Deno.test("limits: a client's calls are counted over HTTP, whatever the tool, and an operator's are not", async () => {
  await using lab = await start("rate = 3\n");
  const { hub, seen } = lab;
  assert.equal(isLimited(await call(hub)), false);
  assert.equal(isLimited(await call(hub, ANN, "remote_list_hosts")), false);
  assert.equal(isLimited(await call(hub)), false);
  const begun = seen.begun;
  const over = await call(hub);
  assert.deepEqual([over.status, over.isError], [200, true]);
  assert.match(over.text, /made the 3 calls that you may make in a minute: call again in \d+ s$/);
  assert.ok(Number(over.meta) >= 1 && Number(over.meta) <= 20, String(over.meta));
  assert.equal(seen.begun, begun, "the host did not get it");
  for (const method of ["tools/list", "ping"]) {
    for (let count = 0; count < 10; count++) {
      const { status, body } = await hub.send(method, {}, ANN);
      assert.deepEqual([status, typeof at(body, "result")], [200, "object"]);
    }
  }
  for (let count = 0; count < 20; count++) {
    assert.equal(isLimited(await call(hub, OPERATOR)), false);
  }

  const findLine = () => /^.*"limit":.*(?=\n)/m.exec(hub.log())?.[0];
  await until(() => findLine() !== undefined);
  const { event, principal, outcome, limit, tool } = JSON.parse(findLine() ?? "{}");
  assert.deepEqual(
    { event, principal, outcome, limit, tool },
    {
      event: "ended",
      principal: "ann",
      outcome: "refused",
      limit: "rate",
      tool: "remote_list_dir",
    },
  );
});

Deno.test("limits: calls that run at once are counted until they end", async () => {
  await using lab = await start("concurrent = 2\n");
  const { hub, world, seen, release } = lab;
  await call(hub, OPERATOR);
  world.isHeld = true;
  const begun = seen.begun;
  const running = [call(hub), call(hub)];
  await until(() => seen.begun === begun + 2, LIMIT_MS);
  const over = await call(hub);
  assert.deepEqual([over.status, isLimited(over), over.meta], [200, true, 5]);
  assert.equal(isLimited(await call(hub, ANN, "remote_output")), false, "it has places of its own");
  assert.equal(seen.begun, begun + 2);
  release();
  for (const answer of await Promise.all(running)) assert.equal(answer.text, "nothing");
  assert.equal((await call(hub)).text, "nothing");
});

Deno.test("limits: a registry that is read again keeps the count; another name begins a new one", async () => {
  await using lab = await start("rate = 2\n");
  const { hub, write } = lab;
  await call(hub);
  await call(hub);
  assert.ok(isLimited(await call(hub)));
  await write('rate = 2\ntools = ["remote_list_dir"]\n');
  const reloaded = (count: number) => () =>
    hub.log().split("configuration reloaded").length > count;
  await until(reloaded(1), LIMIT_MS);
  assert.ok(isLimited(await call(hub)));
  await write("rate = 2\n", "ann2");
  await until(reloaded(2), LIMIT_MS);
  assert.equal((await call(hub)).text, "nothing");
});

Deno.test("limits: what a client does on the fleet page counts as its calls do", async () => {
  await using lab = await start("rate = 2\n");
  const { hub } = lab;
  const url = new URL("/api/hosts/a/jobs", /url=(\S+)/.exec(hub.log())?.[1]);
  const jobs = async (token: string): Promise<string> => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return await response.text();
  };
  await jobs(ANN);
  assert.equal(isLimited(await call(hub)), false);
  assert.match(await jobs(ANN), /"problem":"not run, since you have made the 2 calls/);
  assert.ok(isLimited(await call(hub)));
  assert.doesNotMatch(await jobs(OPERATOR), /not run, since/);
});
