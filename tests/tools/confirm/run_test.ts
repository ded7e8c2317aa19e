import assert from "node:assert/strict";
import type { Intent } from "../../../lib/calls/intent.ts";
import { commandsOf, HOSTS, openWorld } from "../commands/world.ts";

Deno.test("remote_run with a command that only reads changes something if its `check` may", async () => {
  const commands = await commandsOf('[commands.disk]\nrun = ["df"]\nread_only = true\n');
  const world = openWorld({ commands });
  const intents: Intent[] = [];
  const confirm = (intent: Intent) => {
    intents.push(intent);
    return Promise.resolve("a person must allow it first");
  };
  const args = { targets: "web1", name: "disk" };
  await world.call("default", "remote_run", args, { confirm });
  await world.call("default", "remote_run", { ...args, check: "reboot" }, { confirm });
  assert.deepEqual(intents.map(({ uses }) => uses.map(({ readOnly }) => readOnly)), [[true], [
    false,
  ]]);
  assert.deepEqual(world.sent, []);
});

Deno.test("remote_run runs nothing on a host that has moved since a person allowed the run", async () => {
  const moved = HOSTS.map((host) =>
    host.name === "web2" ? { ...host, lmcpUrl: "http://127.0.0.1:8/mcp" } : host
  );
  const world = openWorld({
    commands: new Map(),
    onSent: () => world.change({ hosts: new Map(moved.map((host) => [host.name, host])) }),
  });
  const args = { targets: "web1 web2 db1", command: "id", batch: "1", max_fail: 5 };
  const { text } = await world.call("default", "remote_run", args, {
    confirm: () => Promise.resolve(null),
  });
  assert.deepEqual(world.sent.map(({ host }) => host).sort(), ["db1", "web1"]);
  assert.match(text, /^== web2: NOT RUN: "web2" is another host than when this was allowed/m);
});
