import assert from "node:assert/strict";
import { z } from "zod";
import { freePort } from "../free_port.ts";
import { type LabBackend, startBackend } from "../lab/backend.ts";
import { openBlackHole } from "../lab/black_hole.ts";
import { modernDialect, sessionDialect } from "../lab/dialect.ts";
import { createFakeSsh } from "../lab/fake_ssh.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { openPlainTextPort } from "../lab/plain_text_port.ts";
import { REMOTE_CALLS } from "../lab/remote_calls.ts";
import { printMatrix, recordRows } from "./fault_matrix.ts";
import { callEveryTool } from "./fault_rows.ts";
import { expectedRow, FAULT_TABLE, type Known, type Row } from "./fault_table.ts";

/** Timeouts for faults that show only when one passes; what comes before them is in time. */
const SHORT = { connectMs: 1_500, lmcpMs: 500 };

/** What `remote_list_hosts` must show of a host whose ssh works. */
function expectedListing(known: Known): Row {
  return {
    outcome: "UP",
    via: known === "ran" ? "lmcp" : "ssh",
    isError: false,
    hasFallbackReason: false,
    lmcpRuns: 0,
    sshRuns: 0,
  };
}

function expectedRows(known: Known): Map<string, Row> {
  return new Map([
    ...REMOTE_CALLS.map((call) => [call.tool, expectedRow(known, call)] as const),
    ["remote_list_hosts", expectedListing(known)],
  ]);
}

const listingSchema = z.object({
  hosts: z.tuple([z.object({ up: z.boolean(), via: z.string().nullable() })]),
});

async function listingRow(host: Parameters<typeof labHost>[0]): Promise<Row> {
  await using hub = openHub({ hosts: [labHost(host)] });
  const result = await hub.call("remote_list_hosts", { force: true });
  const [{ up, via }] = listingSchema.parse(result.structuredContent).hosts;
  const isError = result.isError === true;
  const outcome = up ? "UP" : "DOWN";
  return { outcome, via, isError, hasFallbackReason: false, lmcpRuns: 0, sshRuns: 0 };
}

/** What a fault strikes: the call, or one of the handshakes before it. */
type Struck = "the call" | "server/discover" | "initialize";

function backendWith(fault: Fault, struck: Struck): Promise<LabBackend> {
  const dialect = struck === "initialize" ? sessionDialect : modernDialect;
  const isStruck = (method: string) =>
    struck === "the call" ? method.startsWith("tools/") : method === struck;
  return startBackend({ dialect, behaviour: ({ method }) => isStruck(method) ? fault : null });
}

async function rowsOfFault(
  fault: Fault,
  struck: Struck,
  timeouts: Partial<typeof SHORT>,
): Promise<Map<string, Row>> {
  const called = callEveryTool(async () => {
    const backend = await backendWith(fault, struck);
    const host = labHost({ lmcpUrl: backend.url, timeouts });
    return { host, backend, ssh: createFakeSsh() };
  });
  await using backend = await backendWith(fault, struck);
  const listed = listingRow({ lmcpUrl: backend.url, timeouts });
  return toRows(await called, await listed);
}

async function rowsOfPort(
  url: string,
  timeouts: Partial<typeof SHORT>,
): Promise<Map<string, Row>> {
  const host = { lmcpUrl: url, timeouts };
  const called = callEveryTool(() =>
    Promise.resolve({ host: labHost(host), backend: null, ssh: createFakeSsh() })
  );
  return toRows(await called, await listingRow(host));
}

function toRows(calls: ReadonlyMap<string, Row & { text: string }>, listing: Row) {
  const rows = [...calls].map(([tool, { text: _, ...row }]) => [tool, row] as const);
  return new Map<string, Row>([...rows, ["remote_list_hosts", listing]]);
}

for (const { fault, call, handshake, waits } of FAULT_TABLE) {
  const known = { "the call": call, "server/discover": handshake, initialize: handshake } as const;
  for (const struck of ["the call", "server/discover", "initialize"] as const) {
    Deno.test(`${fault.name}, striking ${struck}: every tool knows "${known[struck]}"`, async () => {
      const rows = await rowsOfFault(fault, struck, waits ? SHORT : {});
      recordRows(`${fault.name}, at ${struck}`, rows);
      assert.deepEqual(rows, expectedRows(known[struck]));
    });
  }
}

Deno.test("refused port: every tool knows that it did not run", async () => {
  const rows = await rowsOfPort(`http://127.0.0.1:${freePort()}/mcp`, {});
  recordRows("refused port", rows);
  assert.deepEqual(rows, expectedRows("did_not_run"));
});

Deno.test("black-holed port: every tool knows that it did not run", async () => {
  using hole = await openBlackHole();
  const rows = await rowsOfPort(hole.url, SHORT);
  recordRows("black-holed port", rows);
  assert.deepEqual(rows, expectedRows("did_not_run"));
});

Deno.test("unknown name: every tool knows that it did not run", async () => {
  const rows = await rowsOfPort("http://nowhere.invalid/mcp", {});
  recordRows("unknown name", rows);
  assert.deepEqual(rows, expectedRows("did_not_run"));
});

Deno.test("plain text on an https URL: every tool knows that it did not run", async () => {
  await using port = await openPlainTextPort();
  const rows = await rowsOfPort(port.url, {});
  recordRows("plain text on an https URL", rows);
  assert.deepEqual(rows, expectedRows("did_not_run"));
});

Deno.test("TLS handshake that hangs: every tool knows that it did not run", async () => {
  await using backend = await startBackend();
  const rows = await rowsOfPort(backend.url.replace("http:", "https:"), SHORT);
  recordRows("TLS handshake that hangs", rows);
  assert.deepEqual(rows, expectedRows("did_not_run"));
});

Deno.test("no URL: every tool goes over ssh", async () => {
  const host = labHost();
  const calls = await callEveryTool(() =>
    Promise.resolve({ host, backend: null, ssh: createFakeSsh() })
  );
  const rows = toRows(calls, await listingRow({}));
  recordRows("no URL", rows);
  // What never had a backend did not fall back.
  const expected = [...expectedRows("did_not_run")]
    .map(([tool, row]) => [tool, { ...row, hasFallbackReason: false }] as const);
  assert.deepEqual(rows, new Map(expected));
});

Deno.test.afterAll(printMatrix);
