import assert from "node:assert/strict";
import type { HostState } from "../../../lib/fleet/health.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { sshHost } from "../../fleet/ssh/target.ts";
import { at } from "../../mcp/wire.ts";
import { createCaller } from "../tool_calls.ts";

const BOTH = { lmcpUrl: "http://b/mcp", sshHost: "b" };
const LMCP = { lmcpUrl: "http://b/mcp", sshHost: null };
const SSH = { lmcpUrl: null, sshHost: "b" };
const NONE = { lmcpUrl: null, sshHost: null };

const DOWN = { up: false, via: null, toolCount: null, latencyMs: null };

function up(via: "lmcp" | "ssh"): Partial<HostState> {
  return { up: true, via, error: null, detail: null, toolCount: 2, latencyMs: 5 };
}

function down(error: string | null): Partial<HostState> {
  return { ...DOWN, error, detail: error };
}

/** Lines that the Lua hub printed for the same hosts. */
const LINES: readonly (readonly [string, Partial<Host>, Partial<HostState>, string])[] = [
  ["a", BOTH, up("lmcp"), "a              UP     via=lmcp paths=lmcp,ssh "],
  ["b", BOTH, up("ssh"), "b              UP     via=ssh  paths=lmcp,ssh "],
  ["c", LMCP, up("lmcp"), "c              UP     via=lmcp paths=lmcp "],
  ["d", LMCP, down("lmcp: timeout"), "d              DOWN   via=-    paths=lmcp [lmcp: timeout]"],
  [
    "e",
    BOTH,
    down("lmcp: timeout; ssh: rc=255"),
    "e              DOWN   via=-    paths=lmcp,ssh [lmcp: timeout; ssh: rc=255]",
  ],
  ["f", SSH, down("; ssh: rc=255"), "f              DOWN   via=-    paths=ssh [; ssh: rc=255]"],
  ["g", NONE, down(null), "g              DOWN   via=-    paths= "],
  [
    "name-of-14-chr",
    SSH,
    up("ssh"),
    "name-of-14-chr UP     via=ssh  paths=ssh ",
  ],
  [
    "a-very-long-host-name-indeed",
    SSH,
    up("ssh"),
    "a-very-long-host-name-indeed UP     via=ssh  paths=ssh ",
  ],
];

function stateOf(state: Partial<HostState>): HostState {
  const empty = { ...DOWN, error: null, detail: null, checkedAt: 0, nextProbeAt: 30_000 };
  return { ...empty, ...state };
}

for (const [name, addresses, state, line] of LINES) {
  Deno.test(`remote_list_hosts prints a host as the Lua hub did: ${line.trim()}`, async () => {
    const host = { ...sshHost(), ...addresses, name };
    const call = createCaller({ hosts: [host], states: new Map([[host, stateOf(state)]]) });
    assert.equal((await call("remote_list_hosts")).text, line);
  });
}

Deno.test("remote_list_hosts gives programs what the columns leave out", async () => {
  const host = { ...sshHost(), name: "a", tags: ["gpu"] };
  const state = stateOf({ ...down("; ssh: rc=255"), detail: "ssh: port 22 refused" });
  const call = createCaller({ hosts: [host], states: new Map([[host, state]]) });
  assert.deepEqual((await call("remote_list_hosts")).structured.hosts, [{
    name: "a",
    up: false,
    via: null,
    paths: ["ssh"],
    error: "ssh: port 22 refused",
    checked_at: "1970-01-01T00:00:00.000Z",
    next_probe_at: "1970-01-01T00:00:30.000Z",
    tool_count: null,
    latency_ms: null,
    tags: ["gpu"],
  }]);
});

Deno.test("remote_list_hosts of no hosts says that there are none", async () => {
  const { text, structured, isError } = await createCaller({ hosts: [] })("remote_list_hosts");
  const said = "(there are no hosts that you may use)";
  assert.deepEqual([text, structured.hosts, isError], [said, [], false]);
});

Deno.test("remote_list_hosts lists the targets alone, and asks no others", async () => {
  const hosts = ["web1", "web2", "db1"].map((name) => ({
    ...sshHost(),
    ...BOTH,
    name,
    tags: name === "db1" ? ["db"] : [],
  }));
  const asked = new Map(hosts.slice(0, 2).map((host) => [host, stateOf(up("lmcp"))]));
  const call = createCaller({ hosts, states: asked });
  for (const targets of ["web*", "web[1-2]", "@all ! @db", ["web1", "web2"]]) {
    const { structured } = await call("remote_list_hosts", { targets });
    assert.deepEqual([at(structured, "hosts", 0, "name"), at(structured, "hosts", 1, "name")], [
      "web1",
      "web2",
    ]);
  }
  const { text, isError } = await call("remote_list_hosts", { targets: "webb1" });
  assert.deepEqual([text, isError], [
    'Error: unknown host "webb1"; did you mean "web1"?',
    true,
  ]);
});

Deno.test("remote_list_hosts shows what was said of a host as one short line, whoever said it", async () => {
  const said = `lmcp: a\n\u001b[2Jb\u202e${"x".repeat(10_000)}`;
  const host = { ...sshHost(), ...BOTH, name: "a" };
  const call = createCaller({ hosts: [host], states: new Map([[host, stateOf(down(said))]]) });
  const { text, structured } = await call("remote_list_hosts");
  assert.match(text, /^a {14}DOWN .* \[lmcp: a \[2Jbx+…\]$/);
  assert.match(JSON.stringify(structured), /"error":"lmcp: a \[2Jbx+…"/);
  assert.ok(text.length < 600);
});
