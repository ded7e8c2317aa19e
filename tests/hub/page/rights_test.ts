import assert from "node:assert/strict";
import { startBackend } from "../../lab/backend.ts";
import { silent } from "../../lab/faults/connection.ts";
import { until } from "../../processes.ts";
import { clientTable, hostTable, openViewLab } from "./view_lab.ts";

/** Two hosts, and two clients with one each; `slow` never answers calls. */
async function openFleet() {
  const backend = await startBackend();
  const slow = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? silent : null,
  });
  const registry = hostTable("a", { lmcp_url: backend.url, tags: ["lab"] }) +
    hostTable("b", { lmcp_url: slow.url, tags: ["lab"] }) +
    clientTable("ann", { hosts: ["a"] }) + clientTable("bob", { hosts: ["b"], read_only: true });
  const lab = await openViewLab({ registry });
  return {
    ...lab,
    registry,
    quickRegistry: registry.replace(slow.url, backend.url),
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      await slow[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a client sees its own hosts alone, in all that there is", async () => {
  await using lab = await openFleet();
  await lab.probeAll();
  const ann = lab.open("ann");
  const { hosts, tiles } = ann.snapshot();
  assert.deepEqual(hosts.map(({ name }) => name), ["a"]);
  assert.deepEqual([tiles.hosts, tiles.up], [1, 1]);
  assert.deepEqual(Object.keys(ann.sparklines()), ["a"]);
  assert.equal(ann.host("b"), null);
  assert.notEqual(ann.host("a"), null);
  assert.deepEqual(ann.match(""), { kind: "hosts", names: ["a"] });
  assert.deepEqual(ann.match("@lab"), { kind: "hosts", names: ["a"] });
  const { kind } = ann.match("b");
  assert.equal(kind, "problem");
  assert.deepEqual(lab.open("default").match("@lab !b"), { kind: "hosts", names: ["a"] });
  assert.equal(lab.open("default").match("a".repeat(5_000)).kind, "problem");
});

Deno.test("a client sees its own calls alone, and an operator all", async () => {
  await using lab = await openFleet();
  for (const principal of ["ann", "ann", "default"]) {
    await lab.call(principal, "remote_list_dir", { host: "a", path: "/" });
  }
  const counts = (principal: string) => {
    const view = lab.open(principal);
    const { tiles, calls } = view.snapshot();
    return [tiles.callsInDay, calls.recent.length, view.host("a")?.calls.length];
  };
  assert.deepEqual(counts("default"), [3, 3, 3]);
  assert.deepEqual(counts("ann"), [2, 2, 2]);
  assert.deepEqual(counts("bob"), [0, 0, undefined]);
  assert.equal(lab.open("default").snapshot().hosts[0]?.lastCall?.at, lab.clock.wall());
});

Deno.test("the last call of a host is one that its viewer may see", async () => {
  await using lab = await openFleet();
  await lab.call("ann", "remote_list_dir", { host: "a", path: "/" });
  lab.clock.advance(1_000);
  await lab.call("default", "remote_read_file", { host: "a", path: "/x" });
  const toolOf = (principal: string) => lab.open(principal).snapshot().hosts[0]?.lastCall?.tool;
  assert.deepEqual(["ann", "default", "bob"].map(toolOf), [
    "remote_list_dir",
    "remote_read_file",
    undefined,
  ]);
});

Deno.test("whoever is nobody any more sees nothing, and has nothing done", async () => {
  await using lab = await openFleet();
  await lab.call("ann", "remote_list_dir", { host: "a", path: "/" });
  const ann = lab.open("ann");
  assert.equal(ann.snapshot().hosts.length, 1);
  await lab.reload(lab.registry.replace(/\[clients\.ann\][^[]*/, ""));
  const { hosts, calls, tiles } = ann.snapshot();
  assert.deepEqual([hosts, calls.recent, tiles.callsInDay], [[], [], 0]);
  assert.deepEqual([ann.host("a"), ann.match("a")], [null, { kind: "hosts", names: [] }]);
  assert.match(await ann.probe("a", new AbortController().signal) ?? "", /./);
  // Another one of that name does not inherit what the former has done.
  await lab.reload(lab.registry);
  assert.deepEqual(lab.open("ann").snapshot().calls.recent, []);
});

Deno.test("a client that may see less does not see its calls to what it may not see any more", async () => {
  await using lab = await openFleet();
  await lab.reload(lab.quickRegistry.replace('hosts = ["a"]', 'hosts = ["a", "b"]'));
  await lab.call("ann", "remote_list_dir", { host: "a", path: "/" });
  await lab.call("ann", "remote_jobs", { targets: "a b", state: "running" });
  assert.deepEqual(
    lab.open("ann").snapshot().calls.recent.map(({ hosts }) => hosts).toSorted(),
    ["a", "a b"],
  );
  await lab.reload(lab.quickRegistry);
  assert.deepEqual(lab.open("ann").snapshot().calls.recent.map(({ hosts }) => hosts), ["a"]);
});

Deno.test("a client whose calls are refused by the dozen hides no refused call of others", async () => {
  await using lab = await openFleet();
  await lab.call("bob", "remote_list_dir", { host: "none", path: "/" });
  for (let count = 0; count < 70; count++) {
    await lab.call("ann", "remote_list_dir", { host: "none", path: "/" });
  }
  const { recent } = lab.open("default").snapshot().calls;
  assert.equal(recent.length, 60);
  assert.equal(recent.at(-1)?.principal, "bob");
});

Deno.test("running calls are shown to whom they concern, who alone may end them", async () => {
  await using lab = await openFleet();
  const running = lab.call("bob", "remote_list_dir", { host: "b", path: "/" });
  const calls = (principal: string) => lab.open(principal).snapshot().calls.running;
  await until(() => calls("bob").length === 1);
  const [call] = calls("bob");
  assert.deepEqual([call?.hosts, call?.principal, call?.outcome, call?.mayEnd], [
    "b",
    "bob",
    null,
    true,
  ]);
  assert.deepEqual(calls("ann"), []);
  assert.equal(calls("default").length, 1);
  const { tiles, hosts } = lab.open("default").snapshot();
  assert.deepEqual([tiles.running, tiles.longestSince, hosts[1]?.running], [1, call?.startedAt, 1]);
  assert.equal(lab.open("ann").snapshot().tiles.running, 0);
  const id = call?.id ?? "";
  assert.match(await lab.open("ann").endCall(id) ?? "", /does not run/);
  assert.equal(calls("bob").length, 1);
  assert.equal(await lab.open("bob").endCall(id), null);
  await running;
  assert.equal(lab.records.at(-1)?.ended, "operator");
  assert.match(await lab.open("bob").endCall(id) ?? "", /does not run/);
});

Deno.test("how many calls run on a host is counted of those that its viewer may see", async () => {
  await using lab = await openFleet();
  const calls = ["bob", "default", "default"].map((principal) =>
    lab.call(principal, "remote_list_dir", { host: "b", path: "/" })
  );
  const countFor = (principal: string) =>
    lab.open(principal).snapshot().hosts.find(({ name }) => name === "b")?.running;
  await until(() => countFor("default") === 3);
  assert.equal(countFor("bob"), 1);
  const operator = lab.open("default");
  for (const { id } of operator.snapshot().calls.running) await operator.endCall(id);
  await Promise.all(calls);
});

for (
  const [tool, args, hosts] of [
    ["remote_jobs", { targets: "b" }, "b"],
    ["remote_wait", { targets: "a b", for: "down" }, "a b"],
    ["remote_copy", { from: "b:/x", to: "a:/y" }, "b a"],
  ] as const
) {
  Deno.test(`a call of ${tool} is shown with its hosts while it runs`, async () => {
    await using lab = await openFleet();
    const call = lab.call("default", tool, args);
    const view = lab.open("default");
    const shown = () => view.snapshot().calls.running.map(({ hosts }) => hosts).join();
    await until(() => shown() !== "");
    assert.equal(shown(), hosts);
    for (const { id } of view.snapshot().calls.running) await view.endCall(id);
    await call;
  });
}

Deno.test("an operator ends the call of a client", async () => {
  await using lab = await openFleet();
  const running = lab.call("bob", "remote_list_dir", { host: "b", path: "/" });
  const calls = () => lab.open("default").snapshot().calls.running;
  await until(() => calls().length === 1);
  assert.equal(await lab.open("default").endCall(calls()[0]?.id ?? ""), null);
  assert.match(JSON.stringify(await running), /An operator ended the call/);
});

Deno.test("a host's rules are shown as sentences, for its viewer", async () => {
  const registry = hostTable("free", { lmcp_url: "http://127.0.0.1:9/mcp", call_tools: true }) +
    hostTable("bound", {
      lmcp_url: "http://127.0.0.1:9/mcp",
      call_tools: ["systeminfo", "df"],
      tools: ["remote_shell", "remote_call_tool"],
    }) +
    hostTable("read", { ssh_host: "r", read_only: true }) +
    clientTable("ann", {
      hosts: ["free"],
      tools: ["remote_shell"],
      max_timeout: 60,
      rate: 30,
      concurrent: 2,
    }) +
    clientTable("bot", { commands: ["disk", "restart"] }) +
    '[commands.disk]\nrun = ["df"]\nread_only = true\n' +
    '[commands.restart]\nrun = ["true"]\nhosts = ["bound", "read"]\n';
  await using lab = await openViewLab({ registry });
  const rules = (principal: string, host: string) => lab.open(principal).host(host)?.rules;
  assert.deepEqual(rules("default", "free"), [
    "All tools may be used.",
    "remote_call_tool may call all tools that its server offers.",
  ]);
  assert.deepEqual(rules("default", "bound"), [
    "Only remote_shell and remote_call_tool may be used.",
    "remote_call_tool may call only systeminfo and df.",
  ]);
  const [tools, reading] = rules("default", "read") ?? [];
  assert.match(tools ?? "", /^Only remote_list_hosts, remote_read_file, .* and remote_tools may/);
  assert.equal(reading, "The host is read only: nobody may change anything on it.");
  assert.deepEqual(rules("ann", "free"), [
    "Only remote_shell may be used.",
    "A command may run for at most 60 s.",
    "Calls in a minute, at most: 30.",
    "Calls that run at once, at most: 2.",
  ]);
  const only = "Only remote_list_hosts may be used.";
  assert.deepEqual(rules("bot", "free"), [
    only,
    "Of commands, only disk may be run, with remote_run.",
  ]);
  assert.equal(rules("bot", "bound")?.[1], "No command may be run.");
  assert.equal(rules("bot", "read")?.[1], "Of commands, only disk may be run, with remote_run.");
  assert.deepEqual(lab.open("ann").host("free")?.jobs, { list: false, output: false, end: false });
  assert.deepEqual(lab.open("default").host("free")?.jobs, { list: true, output: true, end: true });
  assert.deepEqual(lab.open("default").host("read")?.jobs, {
    list: true,
    output: true,
    end: false,
  });
});
