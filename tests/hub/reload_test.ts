import assert from "node:assert/strict";
import { z } from "zod";
import { defineTool, type Tool } from "../../lib/mcp/tool.ts";
import { assertQuick } from "../assert_quick.ts";
import { type Served, serveTools } from "../mcp/served.ts";
import { at } from "../mcp/wire.ts";
import { until } from "../processes.ts";
import { type HubProcess, startHub } from "./process.ts";

/** How soon a change must be in force. */
const LIMIT_MS = 2_000;
/** Calls under way at once; a hub that is late has places for so many. */
const MAX_RUNNING = 100;

/** The backend's tool that the calls of these tests end in. */
const listDir = defineTool({
  name: "list_dir",
  title: "List",
  description: "Lists nothing.",
  input: z.looseObject({}),
  readOnly: true,
  run: () => Promise.resolve({ content: [{ type: "text", text: "nothing" }] }),
});

/** A temporary directory that goes with its test. */
async function makeDirectory() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Replaces a file as editors do: a new one, renamed into place. */
async function replaceFile(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

function hostTable(name: string, { url }: Served): string {
  return `[hosts.${name}]\nlmcp_url = "${url}"\n`;
}

async function outcome(hub: HubProcess, host: string, token?: string): Promise<unknown> {
  const call = { name: "remote_list_dir", arguments: { host } };
  const { status, body } = await hub.send("tools/call", call, token);
  return status === 200 ? at(body, "result", "structuredContent", "outcome") : status;
}

async function problemsOf(hub: HubProcess): Promise<unknown> {
  const { body } = await hub.send("tools/call", { name: "remote_list_hosts", arguments: {} });
  return at(body, "result", "structuredContent", "registry_problems");
}

/** Two hundred calls a second, or what the hub keeps up with, until stopped; returns their results. */
function startLoad(callOnce: () => Promise<unknown>): () => Promise<readonly unknown[]> {
  const calls: Promise<unknown>[] = [];
  let running = 0;
  const timer = setInterval(() => {
    for (let call = 0; call < 10 && running < MAX_RUNNING; call++) {
      running++;
      calls.push(callOnce().finally(() => running--));
    }
  }, 50);
  return async () => {
    clearInterval(timer);
    return await Promise.all(calls);
  };
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

Deno.test("a registry that is edited under 200 calls a second fails none of them", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  const a = hostTable("a", backend);
  const [b, c] = [a + hostTable("b", backend), a + hostTable("c", backend)];
  await replaceFile(registry, a);
  await using hub = await startHub({ registry, cwd: directory.path });
  const stopLoad = startLoad(() => outcome(hub, "a"));
  const isUp = (host: string) => async () => await outcome(hub, host) === "ok";

  await Deno.writeTextFile(registry, b);
  await until(isUp("b"));
  assert.deepEqual(await problemsOf(hub), []);

  await Deno.writeTextFile(registry, `${c}[hosts.d]\nssh_hots = "d"\n`);
  await until(async () => JSON.stringify(await problemsOf(hub)) !== "[]");
  const problem = `${registry}:6: error: hosts.d.ssh_hots: unknown field; ` +
    'did you mean "ssh_host"?';
  assert.deepEqual(await problemsOf(hub), [problem]);
  assert.deepEqual([await outcome(hub, "b"), await outcome(hub, "c")], ["ok", "not_delivered"]);

  await replaceFile(registry, c);
  await until(isUp("c"));
  assert.deepEqual(await problemsOf(hub), []);
  assert.equal(await outcome(hub, "b"), "not_delivered");

  const outcomes = await stopLoad();
  assert.ok(outcomes.length > 100, `${outcomes.length} calls`);
  assert.deepEqual(outcomes.filter((each) => each !== "ok"), []);
  assert.equal(await hub.stop(), 0);
  assert.equal(countOf(hub.log(), "configuration not reloaded"), 1);
  assert.ok(hub.log().includes("unknown field"), hub.log());
});

Deno.test("a registry that comes into being, or changes, is in force within two seconds", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  await using hub = await startHub({ registry, cwd: directory.path });
  assert.equal(await outcome(hub, "a"), "not_delivered");
  let host = "";
  await assertQuick(LIMIT_MS, async () => {
    host += "a";
    await replaceFile(registry, hostTable(host, backend));
    await until(async () => await outcome(hub, host) === "ok");
  });
});

Deno.test("a registry whose writer takes seconds is applied whole, once, when it is done", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  await replaceFile(registry, hostTable("a", backend));
  await using hub = await startHub({ registry, cwd: directory.path });
  // It starts no program once it may go on, which could take longer.
  const writer = new Deno.Command("bash", {
    args: ["-c", 'exec >"$1"; read -r; echo "$2"; read -rt 0.5; echo "$3"', "-", registry].concat(
      hostTable("b", backend),
      hostTable("c", backend),
    ),
    stdin: "piped",
  }).spawn();
  await until(() => hub.log().includes("configuration not reloaded"));
  assert.equal(countOf(hub.log(), "configuration reloaded"), 0);
  assert.equal(await outcome(hub, "a"), "ok");
  const input = writer.stdin.getWriter();
  await input.write(new TextEncoder().encode("\n"));
  await writer.status;
  await input.close();
  await until(() => countOf(hub.log(), "configuration reloaded") > 0);
  assert.deepEqual([await outcome(hub, "b"), await outcome(hub, "c")], ["ok", "ok"]);
  assert.equal(countOf(hub.log(), "configuration reloaded"), 1);
});

Deno.test("a call in flight ends as it began, though its host is gone by then", async () => {
  await using directory = await makeDirectory();
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const run = async () => {
    arrived.resolve();
    await release.promise;
    return { content: [] };
  };
  await using backend = serveTools([{ ...listDir, call: run }]);
  const registry = `${directory.path}/hosts.toml`;
  await replaceFile(registry, hostTable("a", backend));
  await using hub = await startHub({ registry, cwd: directory.path });
  const call = outcome(hub, "a");
  await arrived.promise;
  await replaceFile(registry, hostTable("b", backend));
  await until(() => hub.log().includes("configuration reloaded"));
  assert.equal(await outcome(hub, "a"), "not_delivered");
  release.resolve();
  assert.equal(await call, "ok");
});

Deno.test("a client that is taken out beside a mistake is out at once, and its running calls end", async () => {
  await using directory = await makeDirectory();
  const arrived = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const run: Tool["call"] = async (_args, { signal }) => {
    arrived.resolve();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    ended.resolve();
    return { content: [] };
  };
  await using backend = serveTools([{ ...listDir, call: run }]);
  const registry = `${directory.path}/hosts.toml`;
  const hosts = hostTable("a", backend);
  const [ann, ben] = ["ann", "ben"].map((name) =>
    `[clients.${name}]\ntoken = "of-${name}-and-long-enough"\n`
  );
  await replaceFile(registry, `${hosts}${ann}${ben}`);
  await using hub = await startHub({ registry, cwd: directory.path });
  const call = { name: "remote_list_dir", arguments: { host: "a" } };
  const running = hub.send("tools/call", call, "of-ann-and-long-enough");
  await arrived.promise;
  await replaceFile(registry, `${hosts}${ben}[hosts.b]\nssh_hots = "b"\n`);
  const statusOf = async (token: string) => (await hub.send("ping", {}, token)).status;
  await until(async () => await statusOf("of-ann-and-long-enough") === 401);
  const { body } = await running;
  assert.match(String(at(body, "error", "message")), /^An operator ended the call: /);
  await ended.promise;
  assert.equal(await statusOf("of-ben-and-long-enough"), 200);
  await until(() => countOf(hub.log(), "configuration not reloaded") === 1);
});

Deno.test("SIGHUP reads the configuration again, at once and whether it changed or not", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  await replaceFile(registry, hostTable("a", backend));
  await using hub = await startHub({ registry, cwd: directory.path });
  const reloads = () => countOf(hub.log(), "configuration reloaded");
  hub.signal("SIGHUP");
  await until(() => reloads() === 1);
  await replaceFile(registry, hostTable("b", backend));
  hub.signal("SIGHUP");
  await until(() => reloads() >= 2);
  assert.equal(await outcome(hub, "b"), "ok");
  assert.equal(await hub.stop(), 0);
});

Deno.test("tokens of the hub and of its clients rotate while it runs", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const [registry, own, ann] = ["hosts.toml", "own", "ann"].map((name) =>
    `${directory.path}/${name}`
  );
  assert.ok(registry && own && ann);
  await replaceFile(own, "own1\n");
  await replaceFile(ann, "ann1\n");
  const text = `${hostTable("a", backend)}[clients.ann]\ntoken_file = "ann"\n`;
  await replaceFile(registry, text);
  const env = { LMCP_TOKEN_FILE: own };
  await using hub = await startHub({ registry, cwd: directory.path, env });
  const tokens = ["own1", "own2", "ann1", "ann2", undefined];
  const verdicts = () => Promise.all(tokens.map((token) => outcome(hub, "a", token)));
  assert.deepEqual(await verdicts(), ["ok", 401, "ok", 401, 401]);

  // Not by trying the new token, since the answers to many wrong ones are held back.
  const reloads = () => countOf(hub.log(), "configuration reloaded");
  await replaceFile(own, "own2\n");
  await until(() => reloads() === 1);
  assert.deepEqual(await verdicts(), [401, "ok", "ok", 401, 401]);

  await replaceFile(ann, "ann2\n");
  await until(() => reloads() === 2);
  assert.deepEqual(await verdicts(), [401, "ok", 401, "ok", 401]);
  for (const token of ["own1", "own2", "ann1", "ann2"]) assert.ok(!hub.log().includes(token));
});

Deno.test("a public bind needs no token of its own where there are clients, who see their part", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  const text = `${hostTable("a", backend)}${hostTable("b", backend)}
[clients.ann]
token = "of-ann"
hosts = ["a"]
read_only = true
`;
  await replaceFile(registry, text);
  // Not known to be loopback, so it counts as public.
  const env = { LMCP_HOST: "127.1" };
  await using hub = await startHub({ registry, cwd: directory.path, env });
  const list = await hub.send("tools/list", {}, "of-ann");
  const tools = at(list.body, "result", "tools");
  assert.ok(Array.isArray(tools));
  assert.deepEqual(tools.map((tool) => at(tool, "name")), [
    "remote_list_hosts",
    "remote_read_file",
    "remote_jobs",
    "remote_output",
    "remote_wait",
    "remote_list_dir",
    "remote_search_files",
    "remote_tools",
  ]);
  const hidden = { name: "remote_shell", arguments: { host: "a", command: "id" } };
  assert.equal(at((await hub.send("tools/call", hidden, "of-ann")).body, "error", "code"), -32602);
  assert.equal(await outcome(hub, "a", "of-ann"), "ok");
  assert.equal(await outcome(hub, "b", "of-ann"), "not_delivered");
  assert.equal((await hub.send("tools/list", {})).status, 401);
});

Deno.test("what is kept of a client's answers is forgotten when the client may do less", async () => {
  await using directory = await makeDirectory();
  await using backend = serveTools([listDir]);
  const registry = `${directory.path}/hosts.toml`;
  const hosts = `${hostTable("a", backend)}${hostTable("b", backend)}`;
  const client = '[clients.ann]\ntoken = "of-ann"\n';
  await replaceFile(registry, hosts + client);
  await using hub = await startHub({ registry, cwd: directory.path });
  const call = async (name: string, args: Record<string, unknown>) => {
    const { body } = await hub.send("tools/call", { name, arguments: args }, "of-ann");
    return String(at(body, "result", "content", 0, "text"));
  };
  const cut = await call("remote_list_dir", { host: "a", max_chars: 4 });
  const id = /id="(.*?)"/.exec(cut)?.[1] ?? "";
  assert.equal(await call("remote_output", { id }), "nothing");
  await replaceFile(registry, `${hosts}${client}hosts = ["b"]\n`);
  await until(async () => await outcome(hub, "a", "of-ann") === "not_delivered");
  assert.match(await call("remote_output", { id }), /no such output/);
});
