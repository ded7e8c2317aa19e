import assert from "node:assert/strict";
import { freePort } from "../free_port.ts";
import { at } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { callForModel, untilListening } from "./client.ts";
import { startProgram, temporaryFile } from "./program.ts";

/** What the hub wrote to its audit trail. */
function auditLines(stderr: string): readonly unknown[] {
  return stderr.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

Deno.test("a run that takes long is answered in time, says how far it is, and can be ended", async () => {
  const state = await Deno.makeTempDir();
  const port = freePort();
  const names = ["a1", "a2", "a3", "a4"];
  await using registry = await temporaryFile(
    "hosts.conf",
    names.map((name) => `${name} - http://127.0.0.1:${port}/mcp -\n`).join(""),
  );
  await using agent = startProgram({
    permissions: "agent",
    args: ["--agent"],
    env: { LMCP_PORT: String(port), LMCP_STATE_DIR: state },
  });
  await untilListening(port);
  await using hub = startProgram({
    permissions: "hub",
    env: { LMCP_HUB_BACKENDS: registry.path },
  });
  await untilListening(hub.port);
  const { url } = hub;
  const sleep = uniqueSleep(60);
  const command =
    `[ -e ${state}/quick ] || { touch ${state}/quick; echo quick; exit 0; }; sleep ${sleep}`;
  const args = { targets: "@all", command, parallel: 1, wait: 1, batch: "1,2" };
  const first = await callForModel(url, "remote_run", args);
  const [, id = ""] = /^still running: remote_output id="(.*?)" wait=1\n/.exec(first.text) ?? [];
  assert.notEqual(id, "", first.text);
  await until(async () => (await findProcesses(`sleep ${sleep}`)).length > 0);
  const soFar = await callForModel(url, "remote_output", { id });
  assert.match(soFar.text, /\nIt began \d+ s ago: 1 of 4$/);
  await callForModel(url, "remote_kill", { id });
  const end = await callForModel(url, "remote_output", { id, wait: 20 });
  assert.match(end.text, /^4 hosts: 1 exit 0, .*2 skipped/);
  assert.match(end.text, /\nquick\n/);
  assert.match(end.text, /\nstopped: cancelled \(batch 2 of 3\)\nto go on: targets="a.*"/);
  await until(async () => (await findProcesses(sleep)).length === 0, 5_000);
  const again = await callForModel(url, "remote_run", { targets: "a[1-2] nope", command: "true" });
  assert.match(again.text, /^Error: unknown host "nope"/);
  await callForModel(url, "remote_run", { targets: "a[1-2]", command: "false" });

  const long = { targets: "a[1-2]", command: "seq 1 2000", max_chars: 300 };
  const cut = await callForModel(url, "remote_run", long);
  assert.match(cut.text, /^2 hosts: 2 exit 0 .*\n== a\[1-2\] \(2\): exit 0\n1\n2\n/);
  assert.ok(cut.text.length <= 320, `${cut.text.length} characters`);
  const [, kept = ""] = /, the whole: remote_output id="(.*)"\]$/.exec(cut.text) ?? [];
  const whole = await callForModel(url, "remote_output", { id: kept, grep: "^1234$" });
  assert.match(whole.text, /^1236:1234$/m);

  agent.kill("SIGTERM");
  hub.kill("SIGTERM");
  const lines = auditLines((await hub.ended).stderr)
    .filter((line) => at(line, "tool") === "remote_run");
  assert.deepEqual(
    lines.map((line) => [at(line, "event"), at(line, "hosts"), at(line, "outcome")]),
    [
      ["begun", "a[1-4]", undefined],
      ["ended", "a[1-4]", "unknown"],
      ["ended", undefined, "refused"],
      ["begun", "a[1-2]", undefined],
      ["ended", "a[1-2]", "ok"],
      ["begun", "a[1-2]", undefined],
      ["ended", "a[1-2]", "ok"],
    ],
  );
  const deliveries = at(lines.at(-3), "deliveries");
  assert.ok(Array.isArray(deliveries));
  assert.deepEqual(
    deliveries.map((line) => [at(line, "host"), at(line, "exit_code")]).toSorted(),
    [["a1", 1], ["a2", 1]],
  );
  await Deno.remove(state, { recursive: true });
});
