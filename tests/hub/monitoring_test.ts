import assert from "node:assert/strict";
import { z } from "zod";
import { startMonitoring } from "../../lib/hub/monitoring.ts";
import type { CallRecord } from "../../lib/calls/record.ts";
import { defineTool } from "../../lib/mcp/tool.ts";
import { callRecord } from "../calls/record.ts";
import { labHost } from "../lab/host.ts";

const SHELL = defineTool({
  name: "remote_shell",
  title: "Shell",
  description: "Runs nothing.",
  input: z.looseObject({ host: z.string(), command: z.string() }),
  readOnly: false,
  run: () => Promise.resolve({ content: [] }),
});

/** The monitoring of a hub with one host, which has not been probed. */
function setUp(transport: "http" | "stdio") {
  const begun: [CallRecord, boolean][] = [];
  const written: [CallRecord, string][] = [];
  const load = () => ({ running: 0, waiting: 0 });
  const monitoring = startMonitoring({
    settings: { metricsPublic: true, transport },
    registry: () => ({
      path: "/r",
      hosts: new Map([["tesla", labHost()]]),
      clients: new Map(),
      groups: new Map(),
    }),
    fleet: {
      states: () => [],
      load: { lmcp: load, nats: load, ssh: load },
      spares: () => ({ waiting: 0, taken: 0 }),
    },
    trail: {
      begin: (call, context) => {
        begun.push([call, context.readOnly]);
        return null;
      },
      end: (call, { redact, declared }) =>
        void written.push([call, `${redact("a secret")}: ${declared}`]),
      deny: () => {},
      approval: () => {},
      lost: () => 0,
      head: () => null,
      close: () => Promise.resolve(),
    },
    approvals: { counted: () => new Map(), waiting: () => Promise.resolve(0) },
    tools: [SHELL],
    redact: (text) => text.replace("secret", "[secret]"),
    stop: new AbortController().signal,
  });
  const route = monitoring.routes.find(({ path }) => path === "/metrics");
  const readCounts = async () => {
    const page = await route?.handle(new Request("http://127.0.0.1/metrics"), null);
    return (await page?.text())?.split("\n").filter((line) => /^lmcp_hub_calls_total/.test(line));
  };
  return { ...monitoring, begun, written, readCounts };
}

const COUNTED = 'lmcp_hub_calls_total{tool="remote_shell",host="tesla",via="lmcp",outcome="ok"}';

Deno.test("startMonitoring() counts and writes down every call, also the first ones", async () => {
  const { onCall, readCounts, written, close } = setUp("http");
  const call = callRecord();
  onCall(call);
  onCall(call);
  assert.deepEqual(await readCounts(), [`${COUNTED} 2`]);
  onCall(call);
  assert.deepEqual(await readCounts(), [`${COUNTED} 3`]);
  assert.deepEqual(written, [
    [call, "a [secret]: host,command"],
    [call, "a [secret]: host,command"],
    [call, "a [secret]: host,command"],
  ]);
  await close();
});

Deno.test("startMonitoring() writes calls over stdio down, and counts none", async () => {
  const { onCall, readCounts, written, close } = setUp("stdio");
  onCall(callRecord());
  assert.deepEqual(await readCounts(), []);
  assert.equal(written.length, 1);
  await close();
});

Deno.test("startMonitoring() writes down what is about to be sent, and whether it changes anything", async () => {
  const { beforeSend, begun, close } = setUp("stdio");
  const call = callRecord();
  beforeSend(call, { readOnly: true });
  beforeSend(call, { readOnly: false });
  assert.deepEqual(begun, [[call, true], [call, false]]);
  await close();
});
