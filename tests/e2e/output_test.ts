import assert from "node:assert/strict";
import { LEASE_MS } from "../../lib/agent/claims/lease.ts";
import { holdCommand } from "../held_command.ts";
import { modernHeaders, modernRequest } from "../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../processes.ts";
import { callForModel, postTo } from "./client.ts";
import { startFleet } from "./fleet.ts";
import { temporaryFile } from "./program.ts";

/** The id of a kept answer, as an answer names it. */
function idIn(text: string): string {
  const id = /remote_output id="(o-\w+)"/.exec(text)?.[1];
  assert.ok(id, text);
  return id;
}

Deno.test("3 MB of output come as one short text, and can be read and searched as a whole", async () => {
  await using fleet = await startFleet();
  const { url } = fleet.hub;
  const command = "seq 1 430000";
  const { text } = await callForModel(url, "remote_shell", { host: "here", command });
  assert.ok(text.length < 31_000, String(text.length));
  assert.match(text, /^\[rc=0\]\n1\n2\n/);
  assert.match(
    text,
    /\n\[[\d,]+ lines \(2\.9 MB\) left out: remote_output id="o-\w+" offset=\d+\]\n/,
  );
  assert.match(text, /\n430000\n$/);

  const id = idIn(text);
  const parts: string[] = [];
  for (let offset: string | undefined = "0"; offset !== undefined;) {
    const args = { id, offset: Number(offset), max_chars: 500_000 };
    const piece: string = (await callForModel(url, "remote_output", args)).text;
    const end = piece.lastIndexOf("\n[bytes ") + 1;
    parts.push(piece.slice(0, end));
    offset = /offset=(\d+)\]$/.exec(piece)?.[1];
  }
  const whole = Array.from({ length: 430_000 }, (_, index) => `${index + 1}\n`).join("");
  assert.ok(parts.join("") === `[rc=0]\n${whole}`, "the pieces differ from the whole");

  const found = await callForModel(url, "remote_output", { id, grep: "^7777", context: 1 });
  assert.match(found.text, /^7777-7776\n7778:7777\n7779-7778\n--\n/);
  const last = await callForModel(url, "remote_output", { id, tail: 2 });
  assert.equal(last.text, "429999\n430000\n");
});

Deno.test("a call that takes longer than its client waits runs once, and its answer is collected", async () => {
  await using fleet = await startFleet({ env: { LMCP_HUB_WAIT: "1" } });
  const { url } = fleet.hub;
  await using runs = await temporaryFile("runs", "");
  await using held = await holdCommand();
  const command = `echo run >>${runs.path}; ${held.command}; sleep 1; echo done`;
  const first = await callForModel(url, "remote_shell", { host: "here", command });
  assert.match(first.text, /^still running: remote_output id="o-\w+" wait=1\n/);
  assert.equal(first.isError, false);
  const id = idIn(first.text);
  const early = await callForModel(url, "remote_output", { id });
  assert.match(early.text, /^still running: .*\nIt began [1-9]\d* s ago\.$/);
  await held.letGo();
  const late = await callForModel(url, "remote_output", { id, wait: 20 });
  assert.equal(late.text, "[rc=0]\ndone\n");
  assert.equal(await Deno.readTextFile(runs.path), "run\n");
});

Deno.test("a call that goes on survives its client, whichever revision that speaks, and can be ended", async () => {
  await using fleet = await startFleet({ env: { LMCP_HUB_WAIT: "1" } });
  const { hub } = fleet;
  for (const modern of [false, true]) {
    const marker = uniqueSleep(1000);
    const args = { host: "here", command: `sleep ${marker}`, timeout: 2000 };
    const client = new AbortController();
    const { text } = await callForModel(hub.url, "remote_shell", args, {
      modern,
      signal: client.signal,
    });
    client.abort();
    const id = idIn(text);
    assert.match((await callForModel(hub.url, "remote_output", { id, wait: 1 })).text, /^still/);
    await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);

    const killed = await callForModel(hub.url, "remote_kill", { id });
    assert.equal(killed.text, `"${id}" was ended: remote_output shows what is known of it`);
    await until(async () => (await findProcesses(marker)).length === 0, LEASE_MS / 2);
    const again = await callForModel(hub.url, "remote_kill", { id });
    assert.equal(again.text, `"${id}" has ended already`);
  }
});

Deno.test("a modern client that leaves before it is answered ends its call", async () => {
  await using fleet = await startFleet({ env: { LMCP_HUB_WAIT: "30" } });
  const marker = uniqueSleep(1000);
  const args = { host: "here", command: `sleep ${marker}`, timeout: 2000 };
  const message = modernRequest(1, "tools/call", { name: "remote_shell", arguments: args });
  const client = new AbortController();
  const left = assert.rejects(
    postTo(fleet.hub.url, message, { headers: modernHeaders(message), signal: client.signal })
      .then((response) => response.text()),
  );
  await until(async () => (await findProcesses(`sleep ${marker}`)).length > 0);
  client.abort();
  await left;
  await until(async () => (await findProcesses(marker)).length === 0, LEASE_MS / 2);
});

Deno.test("a hub that stops ends the calls that go on", async () => {
  await using fleet = await startFleet({ env: { LMCP_HUB_WAIT: "1" } });
  const marker = uniqueSleep(1000);
  const args = { host: "here", command: `sleep ${marker}`, timeout: 2000 };
  await callForModel(fleet.hub.url, "remote_shell", args);
  fleet.hub.kill("SIGTERM");
  await until(() => /running calls have 10 s to end.* calls=1$/m.test(fleet.hub.said()));
  fleet.hub.kill("SIGTERM");
  await fleet.hub.ended;
  await until(async () => (await findProcesses(marker)).length === 0, 1.5 * LEASE_MS);
});
