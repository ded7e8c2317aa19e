import assert from "node:assert/strict";
import { z } from "zod";
import type { Host } from "../../../lib/fleet/host.ts";
import { resolveTargets } from "../../../lib/targets/expression.ts";
import { callRecord } from "../../calls/record.ts";
import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import { openBlackHole } from "../../lab/black_hole.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { openPlainTextPort } from "../../lab/plain_text_port.ts";
import { toAnswer } from "./lab.ts";

const CONNECT_MS = 5_000;
const HALF = 500;

const RESULT = {
  content: [{ type: "text", text: "[rc=0]\nnginx/1.24.0\n" }],
  structuredContent: {
    exit_code: 0,
    stdout: "nginx/1.24.0\n",
    stderr: "",
    truncated: false,
    timed_out: false,
  },
};

const GROUPS = z.object({ groups: z.array(z.object({ names: z.array(z.string()) })) });

function nameOf(place: number): string {
  return `web${String(place).padStart(4, "0")}`;
}

/** A run on hosts that nothing is known of yet, and how long it took. */
async function runAfresh(hosts: readonly Host[]) {
  await using hub = openHub({ hosts });
  const args = { targets: "@all", command: "nginx -v", expect: hosts.length };
  const record = callRecord({ tool: "remote_run", args, deliveries: [] });
  const startedAt = performance.now();
  const result = await hub.call("remote_run", args, { record });
  const tookMs = performance.now() - startedAt;
  return { ...toAnswer(result, record), record, tookMs };
}

Deno.test("remote_run on a thousand hosts, half of them dead, has one short answer in time", async () => {
  await using backend = await startBackend({ result: RESULT });
  using blackHole = await openBlackHole();
  await using plainText = await openPlainTextPort();
  const dead = [
    `http://127.0.0.1:${freePort()}/mcp`,
    blackHole.url,
    "http://nowhere.invalid:1/mcp",
    plainText.url,
  ];
  // Every other one is dead, in four ways by turns.
  const urlOf = (place: number) =>
    place % 2 === 0 ? backend.url : dead[(place - 1) / 2 % dead.length] ?? null;
  const hosts: readonly Host[] = Array.from({ length: 2 * HALF }, (_, place) =>
    labHost({
      name: nameOf(place),
      lmcpUrl: urlOf(place),
      sshHost: null,
      timeouts: { connectMs: CONNECT_MS },
    }));
  const withoutSilent = await runAfresh(hosts.filter(({ lmcpUrl }) => lmcpUrl !== blackHole.url));
  const { text, isError, structured, record, tookMs } = await runAfresh(hosts);
  assert.equal(isError, false);
  // The silent ones would take four more of it if 32 at a time kept the places of others.
  const inTimeMs = withoutSilent.tookMs + 2 * CONNECT_MS;
  assert.ok(tookMs < inTimeMs, `it took ${Math.round(tookMs)} ms, not ${Math.round(inTimeMs)}`);
  assert.ok(text.length < 4_000, `${text.length} characters`);

  const { groups } = GROUPS.parse(structured);
  assert.deepEqual(groups.map(({ names }) => names.length), [125, 125, 125, 125, 500]);
  const named = groups.flatMap(({ names }) => names);
  assert.deepEqual(named.toSorted(), hosts.map(({ name }) => name));
  const shown = [...text.matchAll(/^== (\S+) \(\d+\):/gm)].map(([, targets = ""]) => {
    const resolved = resolveTargets(targets, { all: hosts, groups: new Map() });
    assert.equal(resolved.kind, "targets");
    return resolved.targets.map(({ name }) => name);
  });
  assert.deepEqual(shown, groups.map(({ names }) => names));
  // In each of the two runs.
  const calls = backend.requests.filter(({ method }) => method === "tools/call");
  assert.equal(calls.length, 2 * HALF);
  assert.equal(record.deliveries.length, hosts.length);
});

Deno.test("remote_run keeps each of a thousand different long outputs short, and names every host", async () => {
  let sent = 0;
  await using backend = await startBackend({
    get result() {
      const stdout = `${++sent}\n${"x".repeat(64 * 1024)}\n`;
      return { ...RESULT, structuredContent: { ...RESULT.structuredContent, stdout } };
    },
  });
  const hosts = Array.from(
    { length: 2 * HALF },
    (_, place) => labHost({ name: nameOf(place), lmcpUrl: backend.url, sshHost: null }),
  );
  await using hub = openHub({ hosts });
  const args = { targets: "@all", command: "cat big" };
  const { structured } = toAnswer(await hub.call("remote_run", args), callRecord());
  const { groups } = GROUPS.parse(structured);
  assert.equal(groups.length, hosts.length);
  const size = JSON.stringify(structured).length;
  assert.ok(size < 32 * 1024 * 1024, `${size} characters`);
});
