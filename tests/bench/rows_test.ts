import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { NATS_SERVER } from "../nats/server.ts";
import { SSHD } from "../sshd.ts";

const tablesSchema = z.array(z.object({
  title: z.string(),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.object({ median: z.number() })]))),
}));

const SSH_ROWS = SSHD === null ? [] : [
  "bare ssh, cold",
  "hub, cold",
  "bare ssh, multiplexed",
  "hub, right behind another call",
  "hub, warm",
];

/** The first cells of rows that every machine can measure, by their table. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  "Latency and throughput": [1, 8, 32].flatMap((clients) =>
    ["direct", "bare", "hub", "hub, token"].map((way) => `${clients} ${way}`)
  ),
  "Resident memory of the hub": ["idle", "after 1 call", "after 500 calls", "after 1000 calls"],
  "First answer after the start": ["hub", "bare proxy"],
  "A call over ssh": SSH_ROWS,
  "A call over ssh, with a ~/.bashrc that takes 50 ms": SSH_ROWS,
  "Forced listing, connect timeout 1 s": ["10 0", "10 5", "100 0", "100 50", "1000 0", "1000 500"],
  "A file of 16 MiB": [
    "read, agent directly",
    "write, agent directly",
    "read, hub to agent",
    "write, hub to agent",
  ],
  "Calls to a healthy host, 4 clients": ["quiet", "troubled"],
  "Cost against the number of hosts, 8 clients": ["1", "100", "1000"],
  "Cost against the size of the answer, 1 client": ["1 KiB", "64 KiB", "1 MiB", "16 MiB"],
  "One command on all lmcp hosts": ["bare POSTs", "hub"],
  "One command on all ssh hosts": SSHD === null ? [] : ["hub, cold", "hub, warm"],
  "One command on all hosts, over NATS, through two hubs": NATS_SERVER === null ? [] : ["8", "16"],
  "Bytes of an answer that a model reads": ["uname", "3 MB of log", "an unknown outcome"],
};

function runBench(args: readonly string[]): Promise<Deno.CommandOutput> {
  const script = fileURLToPath(new URL("../../scripts/bench.ts", import.meta.url));
  const flags = ["run", "--quiet", "--no-prompt", "-P=bench"];
  return new Deno.Command(Deno.execPath(), { args: [...flags, script, ...args] }).output();
}

Deno.test("task bench --quick ends with the rows of every section", async () => {
  const { code, stdout, stderr } = await runBench(["--quick", "--json"]);
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const tables = tablesSchema.parse(JSON.parse(new TextDecoder().decode(stdout)));
  assert.deepEqual(tables.map(({ title }) => title), Object.keys(ROWS));
  for (const { title, rows } of tables) {
    const found = rows.map((row) => row.filter((cell) => typeof cell !== "object").join(" "));
    for (const name of ROWS[title] ?? []) {
      assert(found.some((row) => row.startsWith(name)), `"${title}" has no row "${name}"`);
    }
  }
});
