import assert from "node:assert/strict";
import type { HostRow } from "../../../lib/http/pages/fleet/model.ts";
import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { status } from "../../lab/faults/http.ts";
import { clientTable, hostTable, openViewLab } from "./view_lab.ts";

const ssh = () => createFakeSsh(({ name }) => name === "dead" ? "not_delivered" : "ran");

/** A fleet of four: over lmcp, over ssh although it has an agent, down, and over ssh alone. */
async function openFleet() {
  const sound = await startBackend();
  const refusing = await startBackend({ behaviour: () => status(503) });
  const registry = hostTable("well", { lmcp_url: sound.url, tags: ["lab", "gpu"] }) +
    hostTable("fallen", { lmcp_url: refusing.url, ssh_host: "fallen" }) +
    hostTable("dead", { lmcp_url: `http://127.0.0.1:${freePort()}/mcp`, ssh_host: "dead" }) +
    hostTable("only-ssh", { ssh_host: "only" });
  const lab = await openViewLab({ registry, ssh: ssh() });
  return {
    ...lab,
    sound,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]();
      await sound[Symbol.asyncDispose]();
      await refusing[Symbol.asyncDispose]();
    },
  };
}

const short = ({ name, status, reason, paths }: HostRow) => [name, status, reason, paths];

Deno.test("a snapshot shows how each host is reached, and what is wrong with it", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  const before = view.snapshot();
  assert.deepEqual(before.hosts.map(({ name, status, since }) => [name, status, since]), [
    ["dead", "unknown", null],
    ["fallen", "unknown", null],
    ["only-ssh", "unknown", null],
    ["well", "unknown", null],
  ]);
  await lab.probeAll();
  const { hosts, tiles } = view.snapshot();
  assert.deepEqual(hosts.map(short), [
    [
      "dead",
      "down",
      "lmcp: connect: connection refused; ssh: ssh connect failed: no route",
      ["lmcp", "ssh"],
    ],
    ["fallen", "ssh", "lmcp: http 503: Says no", ["lmcp", "ssh"]],
    ["only-ssh", "ssh", null, ["ssh"]],
    ["well", "lmcp", null, ["lmcp"]],
  ]);
  assert.deepEqual(hosts[3]?.tags, ["lab", "gpu"]);
  const now = lab.clock.wall();
  assert.deepEqual(
    hosts.map(({ since, checkedAt }) => [since, checkedAt]),
    Array(4).fill([now, now]),
  );
  const { up, down, unknown, onSshInstead } = tiles;
  assert.deepEqual({ hosts: tiles.hosts, up, down, unknown, onSshInstead }, {
    hosts: 4,
    up: 3,
    down: 1,
    unknown: 0,
    onSshInstead: 1,
  });
  assert.ok(tiles.medianLatencyMs !== null);
});

Deno.test("a snapshot shows why a call went over ssh instead, as soon as it has", async () => {
  await using lab = await openFleet();
  await lab.call("default", "remote_list_dir", { host: "fallen", path: "/" });
  const { hosts, calls, tiles } = lab.open("default").snapshot();
  const [, fallen] = hosts;
  assert.deepEqual(fallen && short(fallen), [
    "fallen",
    "ssh",
    "lmcp: http 503: Says no",
    ["lmcp", "ssh"],
  ]);
  assert.deepEqual([fallen?.lastCall?.tool, fallen?.lastCall?.outcome], ["remote_list_dir", "ok"]);
  const [call, ...others] = calls.recent;
  assert.deepEqual([call?.hosts, call?.via, call?.reason, others], [
    "fallen",
    ["ssh"],
    "http 503: Says no",
    [],
  ]);
  assert.deepEqual([call?.principal, call?.client], ["default", "test-client 1.2.3"]);
  assert.deepEqual([tiles.callsInDay, tiles.unknownInDay, tiles.callsByMinute.at(-1)], [1, 0, 1]);
});

Deno.test("a snapshot is the same object while nothing in it changes, and so is all in it", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  await lab.probeAll();
  const before = view.snapshot();
  assert.equal(view.snapshot(), before);
  assert.equal(lab.open("default").snapshot(), before);
  lab.clock.advance(1_000);
  assert.equal(view.snapshot(), before);
  await lab.call("default", "remote_list_dir", { host: "well", path: "/" });
  const after = view.snapshot();
  assert.notEqual(after.calls, before.calls);
  assert.equal(after.calls.running, before.calls.running);
  assert.equal(after.problems, before.problems);
  const changed = after.hosts.filter((row, index) => row !== before.hosts[index]);
  assert.deepEqual(changed.map(({ name }) => name), ["well"]);
  await lab.call("default", "remote_list_dir", { host: "well", path: "/" });
  const { recent } = view.snapshot().calls;
  assert.equal(recent.length, 2);
  assert.equal(recent[1], after.calls.recent[0]);
});

Deno.test("calls by minute move on with the time", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  await lab.call("default", "remote_list_dir", { host: "well", path: "/" });
  const before = view.snapshot();
  lab.clock.advance(60_000);
  const after = view.snapshot();
  assert.deepEqual([before, after].map(({ tiles }) => tiles.callsByMinute.slice(-2)), [
    [0, 1],
    [1, 0],
  ]);
  assert.equal(after.hosts, before.hosts);
  assert.equal(after.calls, before.calls);
});

Deno.test("a reload keeps what has not changed, and forgets hosts that have left", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  await lab.probeAll();
  await lab.call("default", "remote_list_dir", { host: "only-ssh", path: "/" });
  const before = view.snapshot();
  const well = hostTable("well", { lmcp_url: lab.sound.url, tags: ["lab", "gpu"] });
  await lab.reload(well + hostTable("only-ssh", { ssh_host: "other" }));
  const after = view.snapshot();
  assert.deepEqual(after.hosts.map(({ name, status }) => [name, status]), [
    ["only-ssh", "unknown"],
    ["well", "lmcp"],
  ]);
  assert.equal(after.hosts[1], before.hosts[3]);
  assert.equal(view.host("dead"), null);
  assert.deepEqual(view.host("only-ssh")?.spans.map(({ status }) => status), ["ssh", "unknown"]);
  await lab.reload(well);
  await lab.reload(well + hostTable("only-ssh", { ssh_host: "only" }));
  assert.deepEqual(view.host("only-ssh")?.spans, []);
  assert.equal(view.snapshot().hosts[0]?.lastCall, null);
});

Deno.test("a reload of groups alone is a change, for those whose groups have other hosts", async () => {
  await using lab = await openFleet();
  const hosts = ["a", "b"].map((name) => hostTable(name, { ssh_host: name })).join("");
  const clients = clientTable("ann", { hosts: ["a"] });
  const load = (group: string) => lab.reload(`[groups]\ng = "${group}"\n${hosts}${clients}`);
  await load("a");
  const versions = () => ["default", "ann"].map((name) => lab.open(name).snapshot().groups);
  const [first = NaN, own] = versions();
  await load("a");
  assert.deepEqual(versions(), [first, own]);
  await load("a b");
  assert.deepEqual(versions(), [first + 1, own]);
});

Deno.test("a snapshot has the problems of a registry that could not be put in place", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  assert.deepEqual(view.snapshot().problems, []);
  await lab.reload(`[hosts.x]\nssh_hots = "x"\n`);
  const { problems, hosts } = view.snapshot();
  assert.match(problems.join(), /^\/r\.toml:2: .*ssh_hots/);
  assert.equal(hosts.length, 4);
});

Deno.test("sparklines have the medians of hosts that were measured", async () => {
  await using lab = await openFleet();
  const view = lab.open("default");
  assert.deepEqual(view.sparklines(), {});
  await lab.probeAll();
  lab.clock.advance(60_000);
  const lines = view.sparklines();
  assert.deepEqual(Object.keys(lines).sort(), ["fallen", "only-ssh", "well"]);
  const [minute, other] = (lines.well ?? []).slice(-2);
  assert.ok(typeof minute === "number" && other === null);
});
