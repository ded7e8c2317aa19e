import assert from "node:assert/strict";
import { callForModel, postTo } from "../e2e/client.ts";
import { request } from "../mcp/wire.ts";
import { argumentsOf } from "../tools/arguments.ts";
import { CANARY, findCanaries } from "./canaries.ts";
import { ECHO_HOSTS, type LeakyFleet, startLeakyFleet } from "./leaky_fleet.ts";

/** What a tool call is answered, whole. */
async function ask(
  fleet: LeakyFleet,
  name: string,
  args: Record<string, unknown>,
  token: string = CANARY.inbound,
) {
  const headers = { authorization: `Bearer ${token}` };
  const message = request(1, "tools/call", { name, arguments: args });
  const url = `${fleet.hub.url}?results=structured`;
  return await (await postTo(url, message, { headers })).text();
}

for (const host of ECHO_HOSTS.filter((host) => host !== "answer")) {
  for (const tool of ["remote_shell", "remote_list_dir"]) {
    Deno.test(`leaks: a backend that repeats its token (${host}) does not make ${tool} reveal it`, async () => {
      await using fleet = await startLeakyFleet();
      const answer = await ask(fleet, tool, { host, command: "true" });
      assert.match(answer, /"host":/);
      assert.deepEqual(findCanaries(answer), []);
    });
  }
}

for (const tool of ["remote_read_file", "remote_list_dir", "remote_search_files"]) {
  Deno.test(`leaks: ${tool} shows a named client no token that it has read`, async () => {
    await using fleet = await startLeakyFleet();
    const args = argumentsOf(tool, "answer");
    const answer = await ask(fleet, tool, args, CANARY.client);
    assert.match(answer, /as text: Bearer \[secret\]/);
    assert.deepEqual(findCanaries(answer), []);
    assert.match(await ask(fleet, tool, args), /as text: Bearer canary/);
  });
}

Deno.test("leaks: what is kept of a named client's answer has no token, however it is cut", async () => {
  await using fleet = await startLeakyFleet();
  const { url } = fleet.hub;
  const headers = { authorization: `Bearer ${CANARY.client}` };
  const args = { ...argumentsOf("remote_read_file", "answer"), max_chars: 8 };
  const cut = await callForModel(url, "remote_read_file", args, { headers });
  const id = /id="(.*?)"/.exec(cut.text)?.[1] ?? "";
  const whole = await callForModel(url, "remote_output", { id }, { headers });
  assert.match(whole.text, /Bearer \[secret\]/);
  const found = await callForModel(url, "remote_output", { id, grep: "canary" }, { headers });
  assert.equal(found.text, "[0 matching lines]");
  const inbound = { authorization: `Bearer ${CANARY.inbound}` };
  const foreign = await callForModel(url, "remote_output", { id }, { headers: inbound });
  assert.ok(foreign.text.startsWith(`Error: no such output "${id}": `), foreign.text);
});

Deno.test("leaks: no token in pages, refusals, log, audit trail and metrics", async () => {
  await using fleet = await startLeakyFleet();
  const { hub } = fleet;
  const { origin } = new URL(hub.url);
  const answers = [
    await ask(fleet, "remote_list_hosts", { force: true }),
    await ask(fleet, "remote_shell", { host: "unknown", command: "true" }),
    await ask(fleet, "remote_shell", { host: "via-ssh", command: "true" }),
    await ask(fleet, "remote_shell", { host: "status", command: "true" }),
    await ask(fleet, "remote_shell", { host: "status", timeout: "soon" }),
    await ask(fleet, "no_such_tool", {}),
  ];
  for (
    const path of ["/metrics", "/healthz", "/", "/mcp", "/.well-known/oauth-protected-resource"]
  ) {
    for (const token of [CANARY.inbound, "wrong", CANARY.inline]) {
      const page = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
      answers.push(await page.text(), JSON.stringify([...page.headers]));
    }
  }
  assert.deepEqual(answers.flatMap(findCanaries), []);
  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;
  assert.equal(stderr.split("\n").filter((line) => line.includes('"event":"ended"')).length, 6);
  assert.deepEqual(findCanaries(stderr), []);
});

Deno.test("leaks: tokens that a caller puts into its own arguments are not written down", async () => {
  await using fleet = await startLeakyFleet();
  const { hub } = fleet;
  for (const token of Object.values(CANARY)) {
    await ask(fleet, "remote_shell", { host: token, command: `echo ${token}`, [token]: token });
    await ask(fleet, token, { path: token, content: token });
  }
  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;
  assert.match(stderr, /echo \[secret\]/);
  assert.deepEqual(findCanaries(stderr), []);
});

Deno.test("leaks: no token in the arguments or the environment of ssh", async () => {
  await using fleet = await startLeakyFleet();
  await ask(fleet, "remote_shell", { host: "via-ssh", command: "true" });
  const ssh = await fleet.readSsh();
  assert.match(ssh, /BatchMode=yes[^]*\n--\n[^]*PATH=/);
  assert.deepEqual(findCanaries(ssh), []);
});

Deno.test("leaks: no token in the hub's own arguments", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using fleet = await startLeakyFleet();
  const { stdout } = await new Deno.Command("ps", {
    args: ["-ww", "-o", "args=", "-p", String(fleet.hub.pid)],
  }).output();
  const args = new TextDecoder().decode(stdout);
  assert.match(args, /main\.ts/);
  assert.deepEqual(findCanaries(args), []);
});

Deno.test("leaks: a hub that was killed leaves no token in a file", async () => {
  await using fleet = await startLeakyFleet();
  await ask(fleet, "remote_shell", { host: "via-ssh", command: "true" });
  await ask(fleet, "remote_write_file", { host: "status", path: "/x", content: CANARY.variable });
  fleet.hub.kill("SIGKILL");
  await fleet.hub.ended;
  const found: string[] = [];
  const own = ["hosts.toml"];
  for (const directory of [fleet.directory, "/tmp/lmcp-hub", "/run/lmcp-hub"]) {
    for await (const path of filesBelow(directory)) {
      if (own.some((name) => path === `${fleet.directory}/${name}`)) continue;
      // What belongs to others may have gone meanwhile.
      const text = await Deno.readTextFile(path).catch(unlessGone);
      if (findCanaries(text).length > 0) found.push(path);
    }
  }
  assert.deepEqual(found, []);
});

async function* filesBelow(directory: string): AsyncGenerator<string> {
  try {
    for await (const { name, isFile, isDirectory } of Deno.readDir(directory)) {
      if (isFile) yield `${directory}/${name}`;
      if (isDirectory) yield* filesBelow(`${directory}/${name}`);
    }
  } catch (error) {
    unlessGone(error);
  }
}

function unlessGone(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "";
  throw error;
}
