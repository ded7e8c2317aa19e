import assert from "node:assert/strict";
import { holdCommand } from "../../held_command.ts";
import { NATS_SERVER } from "../../nats/server.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { callForModel } from "../client.ts";
import { startTwoHubs } from "./two_hubs.ts";

const ignore = NATS_SERVER === null;

function idIn(text: string): string {
  const id = /remote_output id="(o-\w+)"/.exec(text)?.[1];
  assert.ok(id, text);
  return id;
}

const shell = (url: string, command: string, more = {}) =>
  callForModel(url, "remote_shell", { host: "here", command, ...more });
const output = (url: string, id: string, more = {}) =>
  callForModel(url, "remote_output", { id, ...more });

Deno.test({
  name:
    "the answer of a call that goes on is collected from another hub, and a long one read there",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    await using held = await holdCommand();
    const command = `${held.command}; sleep 1; echo done`;
    const id = idIn((await shell(one, command, { wait: 1 })).text);
    const early = await output(two, id);
    assert.match(early.text, /^still running: .*\nIt began [1-9]\d* s ago\.$/);
    await held.letGo();
    assert.equal((await output(two, id, { wait: 20 })).text, "[rc=0]\ndone\n");
    assert.equal((await output(one, id)).text, "[rc=0]\ndone\n");

    const long = await shell(one, "seq 1 430000");
    const kept = idIn(long.text);
    assert.match((await output(two, kept, { grep: "^77777$" })).text, /^77778:77777\n/);
    assert.equal((await output(two, kept, { tail: 2 })).text, "429999\n430000\n");
  },
});

Deno.test({
  name: "a call that goes on is ended from another hub, with its command",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const seconds = uniqueSleep(600);
    const id = idIn((await shell(hubs.one.url, `sleep ${seconds}`, { wait: 1 })).text);
    const ended = await callForModel(hubs.two.url, "remote_kill", { id });
    assert.match(ended.text, /was ended/);
    await until(async () => (await findProcesses(seconds)).length === 0, 5_000);
    assert.equal((await output(hubs.two.url, id)).isError, true);
  },
});

Deno.test({
  name: "what a killed hub has kept is read from another, and of what it ran nothing is claimed",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    const seconds = uniqueSleep(30);
    const kept = idIn((await shell(one, "seq 1 43000")).text);
    const running = idIn((await shell(one, `sleep ${seconds}`, { wait: 1 })).text);
    assert.match((await output(two, running)).text, /^still running: /);
    hubs.one.kill("SIGKILL");
    await hubs.one.ended;
    assert.equal((await output(two, kept, { tail: 1 })).text, "43000\n");
    const lost = await output(two, running, { wait: 1 });
    assert.equal(lost.isError, true);
    assert.match(lost.text, /cannot be reached: .* unknown: check the host before you repeat it$/);
    const ended = await callForModel(two, "remote_kill", { id: running });
    assert.match(ended.text, /cannot be reached/);
  },
});

Deno.test({
  name:
    "calls go on while NATS is away, ids of other hubs are said to be out of reach, and come back",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    const before = idIn((await shell(one, "seq 1 43000")).text);
    await hubs.nats.kill();
    await until(
      () => [hubs.one, hubs.two].every(({ said }) => said().includes("NATS is not connected")),
      10_000,
    );
    const startedAt = performance.now();
    const during = idIn((await shell(one, "seq 1 44000")).text);
    // A request to NATS would be given up after five seconds.
    assert.ok(performance.now() - startedAt < 4_000);
    assert.equal((await output(one, during, { tail: 1 })).text, "44000\n");
    for (const id of [before, during]) {
      assert.match(
        (await output(two, id)).text,
        /does not know "o-\w+"; another one may, but NATS/,
      );
    }
    await hubs.nats.start();
    for (const [id, last] of [[before, "43000\n"], [during, "44000\n"]] as const) {
      await until(async () => (await output(two, id, { tail: 1 })).text === last, 15_000);
    }
  },
});
