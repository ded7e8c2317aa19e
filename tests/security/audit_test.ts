import assert from "node:assert/strict";
import { postTo, untilListening } from "../e2e/client.ts";
import { startProgram, temporaryFile } from "../e2e/program.ts";
import { startBackend } from "../lab/backend.ts";
import { modernHeaders, modernRequest, request } from "../mcp/wire.ts";
import { CANARY, findCanaries } from "./canaries.ts";

const CALLS = 1_000;
const CONTENT = "the content of a file";

/** Calls of every kind, and the outcome that the audit trail should tell. */
const KINDS = [
  ["ok", "remote_shell", { host: "up", command: "true" }],
  ["ok", "remote_write_file", { host: "up", path: "/x", content: `${CONTENT} ${CANARY.inline}` }],
  ["ok", "remote_edit_file", { host: "up", path: "/x", old_string: CONTENT, new_string: CONTENT }],
  ["ok", "remote_list_hosts", {}],
  ["not_delivered", "remote_shell", { host: "down", command: `echo ${CANARY.inline}` }],
  ["refused", "remote_shell", { host: "unknown", command: "true", note: CONTENT }],
  ["refused", "remote_shell", { host: "up", command: "true", timeout: "soon" }],
  ["refused", "remote_read_file", { host: "up" }],
  ["refused", "no_such_tool", { host: "up", secret: CONTENT }],
  ["refused", CANARY.inbound, [CONTENT]],
] as const;

Deno.test(`audit: a mixed run of ${CALLS} calls gives ${CALLS} lines, without content or token`, async () => {
  await using backend = await startBackend();
  const token = JSON.stringify(CANARY.inline);
  const hosts = `[hosts.up]\nlmcp_url = "${backend.url}"\ntoken = ${token}\n` +
    `[hosts.down]\nlmcp_url = "http://127.0.0.1:9/mcp"\n`;
  await using registry = await temporaryFile("hosts.toml", hosts);
  await using hub = startProgram({
    env: { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_CONF: "", LMCP_TOKEN: CANARY.inbound },
  });
  await untilListening(hub.port);
  let next = 0;
  const worker = async () => {
    while (next < CALLS) {
      const number = next++;
      const [, name, args] = KINDS[number % KINDS.length] ?? KINDS[0];
      const params = { name, arguments: args };
      const isModern = number % 3 === 0;
      const message = isModern
        ? modernRequest(number, "tools/call", params)
        : request(number, "tools/call", params);
      const headers = {
        authorization: `Bearer ${CANARY.inbound}`,
        ...(isModern ? modernHeaders(message) : {}),
      };
      await (await postTo(hub.url, message, { headers })).text();
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;

  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  assert.equal(lines.length, CALLS);
  assert.ok(!stderr.includes(CONTENT));
  assert.deepEqual(findCanaries(stderr), []);
  const records = lines.map((line) => JSON.parse(line));
  assert.equal(new Set(records.map((record) => record.request_id)).size, CALLS);
  const outcomes = Map.groupBy(records, ({ outcome }) => outcome);
  const counts = [...outcomes].map(([outcome, { length }]) => [outcome, length]).sort();
  assert.deepEqual(counts, [["not_delivered", 100], ["ok", 400], ["refused", 500]]);
  assert.ok(records.every(({ principal }) => principal === "default"));
  const carried = records.find(({ via, tool }) => via !== null && tool === "remote_write_file");
  assert.deepEqual(Object.keys(carried.arguments.content), ["length", "sha256"]);
  for (const phase of ["queue_ms", "connect_ms", "run_ms", "duration_ms"]) {
    assert.ok(carried[phase] >= 0, phase);
  }
  assert.ok(carried.run_ms <= carried.duration_ms);
});
