import assert from "node:assert/strict";
import { z } from "zod";
import type { CallRecord } from "../../../lib/calls/record.ts";
import { type CallToolResult, defineTool, type Tool } from "../../../lib/mcp/tool.ts";
import { until } from "../../processes.ts";
import { createGate } from "../fixture_tools.ts";
import { at, request } from "../wire.ts";
import { connect } from "./client.ts";

/** Longer than any test waits. */
const NEVER_MS = 60_000;

Deno.test("serveStdio() answers the calls that end soon after its input", async () => {
  const gate = createGate();
  const client = connect([gate.tool], { drainMs: NEVER_MS });
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  await client.end();
  gate.open();
  assert.equal(at(await client.receive(), "id"), 1);
  await client.ended;
});

Deno.test("serveStdio() ends the calls that run on after its input has ended", async () => {
  const gate = createGate();
  const client = connect([gate.tool]);
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  await client.end();
  await client.ended;
  assert.equal(gate.begun[0]?.signal.aborted, true);
});

/** A tool that answers at once and goes on until it is let go, or asked to stop. */
function createLongTool() {
  const rest = Promise.withResolvers<CallToolResult>();
  let reason: unknown = null;
  const tool = defineTool({
    name: "long",
    title: "Long",
    description: "Goes on",
    input: z.object({}),
    readOnly: false,
    run: (_args, { goOn, signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        rest.reject(reason);
      });
      goOn(rest.promise);
      return Promise.resolve({ content: [{ type: "text", text: "still running" }] });
    },
  });
  return { tool, end: () => rest.resolve({ content: [] }), reason: () => reason };
}

Deno.test("serveStdio() waits for a call that goes on when its input has ended, and not for ever", async () => {
  for (const ends of [true, false]) {
    const long = createLongTool();
    const records: CallRecord[] = [];
    const client = connect([long.tool], {
      onCall: (record) => records.push(record),
      drainMs: ends ? NEVER_MS : 20,
    });
    await client.send(request(1, "tools/call", { name: "long" }));
    assert.equal(at(await client.receive(), "result", "content", 0, "text"), "still running");
    await client.end();
    if (ends) setTimeout(long.end, 1);
    await client.ended;
    assert.deepEqual(
      records.map(({ outcome, ended }) => [outcome, ended]),
      [ends ? ["ok", null] : ["unknown", "stopping"]],
    );
    assert.equal(long.reason() === null, ends);
  }
});

Deno.test("serveStdio() awaits the calls that it cancelled", async () => {
  const gate = createGate();
  const stopped = Promise.withResolvers<void>();
  const slow: Tool = {
    ...gate.tool,
    call: (args, context) => gate.tool.call(args, context).finally(() => stopped.promise),
  };
  const client = connect([slow]);
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  await client.end();
  let hasEnded = false;
  client.ended.then(() => hasEnded = true);
  await until(() => gate.begun[0]?.signal.aborted === true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(hasEnded, false);
  stopped.resolve();
  await client.ended;
});

Deno.test("serveStdio() ends when it is stopped, and ends the calls that run", async () => {
  const gate = createGate();
  const client = connect([gate.tool]);
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  client.stop.abort();
  await client.ended;
  assert.equal(gate.begun[0]?.signal.aborted, true);
});

Deno.test("serveStdio() ends when nobody reads its answers any more", async () => {
  const gate = createGate();
  const client = connect([gate.tool]);
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  await client.answers.cancel();
  await client.ended;
  assert.equal(gate.begun[0]?.signal.aborted, true);
});

Deno.test("serveStdio() answers the calls that a stopping server ends", async () => {
  const gate = createGate();
  const client = connect([gate.tool]);
  await client.send(request(1, "tools/call", { name: "gate" }));
  await gate.whenBegun(1);
  const closed = client.server.close(AbortSignal.abort());
  assert.equal(at(await client.receive(), "error", "code"), -32000);
  await closed;
  await client.end();
  await client.ended;
});
