import assert from "node:assert/strict";
import type { CallRecord } from "../../../lib/calls/record.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { callRecord } from "../../calls/record.ts";
import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import { silent } from "../../lab/faults/connection.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";

/** What calls record of their deliveries, in a fleet of three hosts. */
async function openFleet() {
  await using stack = new AsyncDisposableStack();
  const tools = () => ({ tools: [{ name: "own" }] });
  const up = stack.use(await startBackend({ tools }));
  const mute = stack.use(
    await startBackend({ behaviour: ({ method }) => method === "tools/list" ? silent : null }),
  );
  const parts = { callTools: null };
  const timeouts = { connectMs: 1_000, lmcpMs: 1_000 };
  const hub = stack.use(openHub({
    hosts: [
      labHost({ name: "up", lmcpUrl: up.url, ...parts }),
      labHost({ name: "mute", lmcpUrl: mute.url, ...parts, timeouts }),
      labHost({ name: "gone", lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`, ...parts }),
    ],
  }));
  const owned = stack.move();
  return {
    deliveriesOf: async (tool: string, args: JsonObject): Promise<string[]> => {
      const record: CallRecord = callRecord({ deliveries: [] });
      await hub.call(tool, args, { record });
      return record.deliveries.map(({ host, via, outcome }) => `${host} ${via} ${outcome}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("remote_tools records how the host went that was named, and none of many", async () => {
  await using fleet = await openFleet();
  const of = (args: JsonObject) => fleet.deliveriesOf("remote_tools", args);
  assert.deepEqual(await of({ host: "up" }), ["up lmcp ok"]);
  assert.deepEqual(await of({ host: "mute" }), ["mute lmcp unknown"]);
  assert.deepEqual(await of({ host: "gone" }), ["gone null not_delivered"]);
  assert.deepEqual(await of({ host: "nowhere" }), []);
  assert.deepEqual(await of({}), []);
});

Deno.test("remote_call_tool records one delivery, and none where it refuses", async () => {
  await using fleet = await openFleet();
  const of = (args: JsonObject) => fleet.deliveriesOf("remote_call_tool", { tool: "own", ...args });
  assert.deepEqual(await of({ host: "up" }), ["up lmcp ok"]);
  assert.deepEqual(await of({ host: "mute" }), ["mute null not_delivered"]);
  assert.deepEqual(await of({ host: "gone" }), ["gone null not_delivered"]);
  assert.deepEqual(await of({ host: "up", tool: "none" }), []);
  assert.deepEqual(await of({ host: "up", tool: "shell" }), []);
});
