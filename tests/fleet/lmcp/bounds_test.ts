import assert from "node:assert/strict";
import { startBackend } from "../../lab/backend.ts";
import type { Fault } from "../../lab/faults/fault.ts";
import { labHost } from "../../lab/host.ts";
import { httpHead } from "../../lab/http_text.ts";
import { openHub } from "../../lab/hub.ts";
import { summary } from "../answers.ts";

const MIB = 1024 * 1024;
const STREAM = { "content-type": "text/event-stream" };
/** What sockets and pipes on the way may hold beyond what the hub has read. */
const IN_FLIGHT_BYTES = 12 * MIB;

/** A backend that sends parts for ever, and counts the bytes that were taken from it. */
async function startEndless(headers: Record<string, string>, part: string) {
  const count = { bytes: 0 };
  const endless: Fault = {
    name: "endless",
    runs: true,
    strike: async ({ connection }) => {
      await connection.send(httpHead({ headers }));
      while (!connection.isClosed) {
        await connection.send(part);
        count.bytes += part.length;
      }
    },
  };
  const backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? endless : null,
  });
  return { backend, count };
}

const spaces = " ".repeat(64 * 1024);
const progress = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: {} });

const endless: readonly (readonly [string, Record<string, string>, string])[] = [
  ["body", {}, spaces],
  ["event stream of notifications", STREAM, `data: ${progress}\n\n`.repeat(500)],
  ["event stream of comments", STREAM, `: ${spaces}\n\n`],
  ["event", STREAM, `data: ${spaces}\n`],
  ["line of an event stream", STREAM, `data: ${spaces}`],
];

for (const [what, headers, part] of endless) {
  Deno.test(`an endless ${what} is read up to the limit of the tool, and no further`, async () => {
    const { backend, count } = await startEndless(headers, part);
    await using _backend = backend;
    const host = labHost({ lmcpUrl: backend.url });
    await using hub = openHub({ hosts: [host] });
    const { outcome, text } = summary(
      await hub.call("remote_shell_bg", { host: host.name, command: "true" }),
    );
    assert.equal(outcome, "unknown");
    assert.match(text, /answer larger than 1048576 bytes|An event exceeds 1048576 bytes/);
    assert.ok(count.bytes < MIB + IN_FLIGHT_BYTES, `${count.bytes} bytes were taken`);
  });
}

Deno.test("an endless body of an error is read for its first characters alone", async () => {
  const count = { bytes: 0 };
  const failing: Fault = {
    name: "endless error",
    runs: true,
    strike: async ({ connection }) => {
      await connection.send(httpHead({ status: 500 }));
      while (!connection.isClosed) {
        await connection.send(spaces);
        count.bytes += spaces.length;
      }
    },
  };
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? failing : null,
  });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const { reason } = summary(await hub.call("remote_list_dir", { host: host.name }));
  assert.equal(reason, `http 500: ${" ".repeat(200)}`);
  assert.ok(count.bytes < IN_FLIGHT_BYTES, `${count.bytes} bytes were taken`);
});

for (const [code, outcome] of [[413, "not_delivered"], [403, "unknown"]] as const) {
  Deno.test(`HTTP ${code} whose body breaks off is known by its status: ${outcome}`, async () => {
    const broken: Fault = {
      name: "broken",
      runs: false,
      strike: async ({ connection }) => {
        await connection.send(httpHead({ status: code, headers: { "content-length": "99" } }));
        await connection.send("because");
        connection.finish();
      },
    };
    await using backend = await startBackend({
      behaviour: ({ method }) => method === "tools/call" ? broken : null,
    });
    const host = labHost({ lmcpUrl: backend.url, sshHost: null });
    await using hub = openHub({ hosts: [host] });
    const answer = summary(await hub.call("remote_shell", { host: host.name, command: "true" }));
    assert.equal(answer.outcome, outcome);
    assert.match(answer.text, new RegExp(`^Error: lmcp: http ${code}: because \\|`));
  });
}

Deno.test("an event stream that is no UTF-8 is unreadable, not a lost connection", async () => {
  const garbled: Fault = {
    name: "garbled",
    runs: true,
    strike: async ({ connection }) => {
      await connection.send(httpHead({ headers: STREAM }));
      await connection.send(Uint8Array.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 0x0a, 0x0a));
      connection.finish();
    },
  };
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? garbled : null,
  });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const { reason } = summary(await hub.call("remote_list_dir", { host: host.name }));
  assert.match(reason ?? "", /^bad event stream: /);
});
