import assert from "node:assert/strict";
import { dirname } from "node:path";
import { openAuditTrail } from "../../lib/audit/trail.ts";
import { createLogger } from "../../lib/base/log.ts";
import { callRecord } from "../calls/record.ts";
import { callTool, postTo, untilListening } from "../e2e/client.ts";
import { CANNOT_WRITE_ELSEWHERE, runProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { startBackend } from "../lab/backend.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { at, modernHeaders, modernRequest, request } from "../mcp/wire.ts";
import { until } from "../processes.ts";
import { CANARY, findCanaries } from "./canaries.ts";

const CALLS = 1_000;
const CONTENT = "the content of a file";

/** Calls of every kind, and the outcome that the audit trail should hold. */
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

Deno.test(`audit: a mixed run of ${CALLS} calls leaves ${CALLS} lines of their ends, without content or token`, async () => {
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

  const all = stderr.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const records = all.filter(({ event }) => event === "ended");
  assert.equal(records.length, CALLS);
  assert.ok(!stderr.includes(CONTENT));
  assert.deepEqual(findCanaries(stderr), []);
  const begun = all.filter(({ event }) => event === "begun");
  const sent = records.filter(({ outcome, tool }) =>
    outcome !== "refused" && tool !== "remote_list_hosts"
  );
  const idsOf = (lines: typeof all) => lines.map(({ request_id }) => request_id).sort();
  assert.equal(begun.length, 400);
  assert.deepEqual(idsOf(begun), idsOf(sent));
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

Deno.test("audit: a call is in the file before its host gets it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const path = `${directory}/audit.jsonl`;
  const stderr: string[] = [];
  const trail = await openAuditTrail({
    path,
    isRequired: true,
    level: "info",
    log: createLogger({ format: "text", level: "info", write: () => {}, now: () => new Date() }),
    stderr: (line) => stderr.push(line),
    onReload: () => () => {},
  });
  assert.ok(trail !== null, stderr.join());
  const seen: string[] = [];
  await using backend = await startBackend({
    behaviour: ({ method }) => {
      if (method === "tools/call") seen.push(Deno.readTextFileSync(path));
      return null;
    },
  });
  const context = { redact: (text: string) => text, declared: ["host", "command"] };
  await using hub = openHub({
    hosts: [labHost({ lmcpUrl: backend.url })],
    beforeSend: (call, effects) => trail.begin(call, { ...context, ...effects }),
  });
  for (const command of ["one", "two"]) {
    const record = callRecord({ requestId: command, args: { host: "tesla", command } });
    await hub.call("remote_shell", record.args, { record });
    trail.end(record, context);
  }
  await trail.close();
  await Deno.remove(directory, { recursive: true });
  assert.deepEqual(
    seen.map((text) => /"event":"begun","request_id":"(\w+)"[^\n]+\n$/.exec(text)?.[1]),
    ["one", "two"],
  );
});

Deno.test("audit: a command whose hub was killed is found by --check --audit", {
  ignore: CANNOT_WRITE_ELSEWHERE,
}, async () => {
  const hangs: Fault = { name: "hangs", runs: true, strike: ({ connection }) => connection.closed };
  await using backend = await startBackend({
    behaviour: ({ params }) => params.name === "shell" ? hangs : null,
  });
  await using registry = await temporaryFile("hosts.conf", `here - ${backend.url} -\n`);
  const audit = registry.path.replace("hosts.conf", "audit.jsonl");
  const env = { LMCP_HUB_BACKENDS: registry.path, LMCP_HUB_CONF: "", LMCP_HUB_AUDIT: audit };
  await using hub = startProgram({ env, writes: dirname(audit) });
  await untilListening(hub.port);
  await callTool(hub.url, { tool: "remote_read_file", args: { host: "here", path: "/etc/motd" } });
  const args = { host: "here", command: "reboot" };
  const lost = callTool(hub.url, { tool: "remote_shell", args }).catch(() => "lost");
  await until(() => backend.requests.some(({ params }) => params.name === "shell"));
  hub.kill("SIGKILL");
  assert.equal(await lost, "lost");
  const checked = await runProgram({ args: ["--check", "--audit", audit] });
  const [problem = "", summary] = checked.stdout.split("\n");
  assert.match(
    problem,
    /:\d: warning: [0-9a-f-]{36}: remote_shell on here for anonymous, begun at \S+, did not end: {"command":"reboot"}$/,
  );
  assert.deepEqual([summary, checked.code], [`${audit}: 2 calls sent, 1 did not end`, 1]);
  const missing = await runProgram({ args: ["--check", "--audit", `${audit}.9`] });
  assert.equal(missing.code, 2);
  assert.match(missing.stdout, /audit\.jsonl\.9: error: cannot be read: no such file/);
});

for (const required of ["1", "0"]) {
  Deno.test(
    `audit: what a file that cannot be written does to calls (LMCP_HUB_AUDIT_REQUIRED=${required})`,
    {
      ignore: CANNOT_WRITE_ELSEWHERE,
    },
    async () => {
      await using backend = await startBackend();
      await using registry = await temporaryFile("hosts.conf", `here - ${backend.url} -\n`);
      const directory = `${dirname(registry.path)}/audit`;
      await Deno.mkdir(directory);
      const env = {
        LMCP_HUB_BACKENDS: registry.path,
        LMCP_HUB_CONF: "",
        LMCP_HUB_AUDIT: `${directory}/audit.jsonl`,
        LMCP_HUB_AUDIT_REQUIRED: required,
      };
      await using hub = startProgram({ env, writes: directory });
      await untilListening(hub.port);
      const args = { host: "here", command: "reboot", path: "/x", content: "x" };
      const read = { tool: "remote_read_file", args: { host: "here", path: "/x" } };
      await Deno.remove(directory, { recursive: true });
      hub.kill("SIGHUP");
      await until(() => hub.said().includes("configuration reloaded"));
      for (const tool of ["remote_shell", "remote_write_file", "remote_shell_bg"]) {
        const { text, isError } = await callTool(hub.url, { tool, args });
        assert.equal(isError, required === "1", text);
        if (isError) assert.match(text, /^Error: the audit trail of this hub cannot be written/);
        assert.ok(!text.includes(directory), text);
      }
      const runs = () => backend.requests.filter(({ params }) => params.name !== undefined).length;
      assert.equal(runs(), required === "1" ? 0 : 3);
      assert.equal((await callTool(hub.url, read)).isError, false);
      await until(() => /ERROR audit lines are being lost .*No such file/.test(hub.said()));
      await Deno.mkdir(directory);
      assert.equal((await callTool(hub.url, { tool: "remote_shell", args })).isError, false);
    },
  );
}

Deno.test("audit: --stdio --quiet writes to the file, whatever is set for clients over HTTP", {
  ignore: CANNOT_WRITE_ELSEWHERE,
}, async () => {
  await using backend = await startBackend();
  await using registry = await temporaryFile("hosts.conf", `here - ${backend.url} -\n`);
  const audit = `${dirname(registry.path)}/audit.jsonl`;
  const env = {
    LMCP_HUB_BACKENDS: registry.path,
    LMCP_HUB_AUDIT: audit,
    LMCP_HUB_CONF: "/nonexistent",
    LMCP_TOKEN_FILE: "/nonexistent",
    LMCP_TLS_CERT: "/nonexistent",
    LMCP_ALLOWED_HOSTS: "hub.example.org",
    LMCP_HUB_CONTROL_DIR: `${dirname(registry.path)}/control`,
  };
  await using hub = startProgram({ env, args: ["--stdio", "--quiet"], writes: dirname(audit) });
  const call = { name: "remote_shell", arguments: { host: "here", command: "reboot" } };
  const writer = hub.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(`${JSON.stringify(request(1, "tools/call", call))}\n`),
  );
  await writer.close();
  const answer = JSON.parse(await new Response(hub.stdout).text());
  assert.equal(at(answer, "result", "isError"), false, JSON.stringify(answer));
  assert.deepEqual(await hub.ended, { code: 0, stderr: "" });
  const lines = (await Deno.readTextFile(audit)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ event, principal, arguments: { command } }) => [event, principal, command]),
    [["begun", "stdio", "reboot"], ["ended", "stdio", "reboot"]],
  );
});
