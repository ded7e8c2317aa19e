import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { MODE_FLAGS } from "../../lib/cli/flags.ts";
import { mayHaveRun } from "../../lib/fleet/outcome.ts";
import { FLOORS } from "../../scripts/layers.ts";
import { codeSpans, readDocument, ROOT, tableRows } from "./documents.ts";

const MAX_LINES = 170;

const readme = await readDocument("README.md");

Deno.test(`README.md has at most ${MAX_LINES} lines`, () => {
  const lines = readme.text.trimEnd().split("\n").length;
  assert.ok(lines <= MAX_LINES, `it has ${lines}`);
});

Deno.test("README.md lists every mode", () => {
  const calls = tableRows(readme, "call", "does").map(([call = ""]) => call).join(" ");
  const listed = [...calls.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag).toSorted();
  // The agent has a binary of its own.
  const modes = MODE_FLAGS.filter((flag) => flag !== "agent");
  assert.deepEqual(listed, ["help", "version", ...modes].toSorted());
  assert.match(calls, /`lmcp-agent /);
});

Deno.test("README.md has the delivery table of the code, for every status and error code", () => {
  const text = tableRows(readme, "what happened to the call")
    .filter(([, known]) => known === "did not run").map(([event]) => event).join("; ");
  const statuses = new Set(
    /HTTP ([^;]*)/.exec(text)?.[1]?.match(/\d(?:xx|\d\d)/g)?.flatMap(expandStatus),
  );
  for (let status = 100; status < 600; status++) {
    if (status === 200) continue;
    const failure = { kind: "status", status, body: "", saysRpcError: false } as const;
    assert.equal(mayHaveRun(failure, "shell"), !statuses.has(status), `HTTP ${status}`);
    assert.equal(mayHaveRun({ ...failure, saysRpcError: true }, "shell"), true, `HTTP ${status}`);
  }
  const codes = new Set(/JSON-RPC error (-[^;]*)/.exec(text)?.[1]?.match(/-\d+/g)?.map(Number));
  for (let code = -33_000; code < 2; code++) {
    const failure = { kind: "rpc", code, message: "Unknown tool: shell" } as const;
    assert.equal(mayHaveRun(failure, "shell"), !codes.has(code), `JSON-RPC ${code}`);
    assert.equal(mayHaveRun({ ...failure, message: "" }, "shell"), true, `JSON-RPC ${code}`);
  }
});

Deno.test("README.md lists every permission of the hub and of the agent, and no other", () => {
  const listed = tableRows(readme, "permission", "hub", "agent").map(
    ([kind = "", hub = "", agent = "", reason = ""]) => {
      assert.notEqual(reason, "", `${kind} has no reason`);
      return [codeSpans(kind).join(), parsePermission(hub), parsePermission(agent)] as const;
    },
  );
  const sets = [config.permissions.hub, config.permissions.agent];
  for (const [at, set] of sets.entries()) {
    const own = listed.map(([kind, ...values]) => [kind, values[at]] as const)
      .filter(([, value]) => value !== "none");
    const granted = Object.entries(set).map(([kind, value]) => [
      kind,
      typeof value === "boolean" ? "all" : value.toSorted(),
    ]);
    assert.deepEqual(Object.fromEntries(own), Object.fromEntries(granted));
  }
});

Deno.test("README.md gives a reason for every dependency, and lists no other", () => {
  const listed = tableRows(readme, "package", "reason").flatMap(([names = "", reason = ""]) => {
    assert.notEqual(reason, "", `${names} has no reason`);
    return codeSpans(names);
  });
  const imported = Object.keys(config.imports).map((name) => name.replace(/\/$/, ""));
  assert.deepEqual(listed.toSorted(), [...new Set(imported)].toSorted());
});

Deno.test("README.md lists every folder of lib/, from the highest floor to the lowest", async () => {
  const rows = tableRows(readme, "folder", "what is in it").map(([names = ""]) => codeSpans(names));
  const folders = (await Array.fromAsync(Deno.readDir(`${ROOT}lib`))).map(({ name }) =>
    `lib/${name}/`
  );
  assert.deepEqual(rows.flat().toSorted(), ["main.ts", ...folders].toSorted());
  const floors = rows.flat().map((name) => FLOORS.findIndex((floor) => floor.includes(name)));
  assert.deepEqual(floors, floors.toSorted((a, b) => a - b));
});

Deno.test("README.md names files that are in their folder", async () => {
  for (const [names = "", content = ""] of tableRows(readme, "folder", "what is in it")) {
    const [folder = ""] = codeSpans(names);
    for (const name of codeSpans(content).filter((span) => /^[a-z_]+(\/|\.ts)$/.test(span))) {
      await Deno.stat(`${ROOT}${folder}${name}`);
    }
  }
});

/** 4xx: all statuses from 400 to 499. */
function expandStatus(text: string): number[] {
  if (!text.endsWith("xx")) return [Number(text)];
  return Array.from({ length: 100 }, (_, at) => Number(text.charAt(0)) * 100 + at);
}

function parsePermission(cell: string): string | readonly string[] {
  return cell === "all" || cell === "none" ? cell : codeSpans(cell).toSorted();
}
