import assert from "node:assert/strict";
import { createPaint } from "../../../lib/cli/paint.ts";
import type { HostState } from "../../../lib/fleet/health.ts";
import { createHostTable, type HostTableOptions } from "../../../lib/hub/listing/host_table.ts";
import { labHost } from "../../lab/host.ts";

const HTTP = "http://127.0.0.1:1/mcp";
const HOSTS = [
  labHost({ name: "web01", lmcpUrl: HTTP, tags: ["prod"] }),
  labHost({ name: "a-longer-name", lmcpUrl: HTTP }),
  labHost({ name: "db", lmcpUrl: null }),
];
const [WEB, LONG, DB] = HOSTS;
const UP: HostState = {
  up: true,
  via: "lmcp",
  error: null,
  detail: null,
  toolCount: 9,
  latencyMs: 12.4,
  checkedAt: 0,
  nextProbeAt: 0,
};
const DOWN: HostState = {
  ...UP,
  up: false,
  via: null,
  latencyMs: null,
  error: "lmcp: timeout",
  detail: "lmcp: timeout\x1b[2J",
};

function open(options: Partial<HostTableOptions> = {}) {
  const lines: string[] = [];
  let now = 0;
  const table = createHostTable({
    hosts: HOSTS,
    quiet: false,
    paint: createPaint(false),
    isTerminal: false,
    print: (line) => lines.push(line),
    now: () => now,
    ...options,
  });
  assert.ok(WEB && LONG && DB);
  return { ...table, lines, web: WEB, long: LONG, db: DB, pass: (ms: number) => now += ms };
}

Deno.test("a table of hosts has aligned columns, and ends with a summary", () => {
  const table = open();
  table.add(table.web, UP);
  table.add(table.db, { ...UP, via: "ssh", latencyMs: 1_250 });
  table.add(table.long, DOWN);
  table.pass(1_260);
  table.end([[table.web, UP], [table.long, DOWN], [table.db, { ...UP, via: "ssh" }]]);
  assert.deepEqual(table.lines, [
    "web01          UP    lmcp     12 ms  @prod",
    "db             UP    ssh    1250 ms",
    "a-longer-name  DOWN                  lmcp: timeout [2J",
    "3 hosts: 2 up, 1 down (1.3 s)",
  ]);
});

Deno.test("a table of hosts counts those that are reached over ssh although they have a backend", () => {
  const table = open();
  table.end([[table.web, { ...UP, via: "ssh" }]]);
  const text = "1 host: 1 up, 1 of them over ssh although they have a backend, 0 down (0.0 s)";
  assert.deepEqual(table.lines, [text]);
});

Deno.test("a table of hosts on a terminal says what is waited for, over its last line", () => {
  const table = open({ isTerminal: true, quiet: true });
  table.tick();
  table.add(table.web, UP);
  table.add(table.db, DOWN);
  table.add(table.long, UP);
  table.end([]);
  const over = "\x1b[1A\x1b[2K";
  assert.deepEqual(table.lines, [
    "0 of 3 probed, waiting for web01, a-longer-name, db",
    `${over}1 of 3 probed, waiting for a-longer-name, db`,
    `${over}db             DOWN                  lmcp: timeout [2J\n` +
    "2 of 3 probed, waiting for a-longer-name",
    `${over}\x1b[1A`,
  ]);
});

Deno.test("a table of hosts never waits for more than fits in a line", () => {
  const hosts = Array.from({ length: 9 }, (_, index) => labHost({ name: `${index}`.repeat(200) }));
  const table = open({ isTerminal: true, hosts });
  table.tick();
  assert.equal(table.lines[0]?.length, 79);
});

Deno.test("a table of hosts shows trouble in colours", () => {
  const table = open({ paint: createPaint(true) });
  table.add(table.web, { ...UP, via: "ssh" });
  table.add(table.db, DOWN);
  const [instead, dead] = table.lines.map((line) => line.replaceAll("\x1b[", "<"));
  assert.ok(instead?.includes("<33mUP  <0m  <33mssh <0m"), instead);
  assert.ok(dead?.includes("<31mDOWN<0m"), dead);
  assert.ok(dead?.endsWith("<31mlmcp: timeout [2J<0m"), dead);
});
