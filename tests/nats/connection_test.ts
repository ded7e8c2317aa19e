import assert from "node:assert/strict";
import { within } from "../../lib/base/time/within.ts";
import { connectClient } from "../../lib/nats/client.ts";
import { openNats } from "../../lib/nats/connection.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";
import { Secret } from "../../lib/base/secret.ts";
import { freePort } from "../free_port.ts";
import { until } from "../processes.ts";
import { NATS_SERVER, plainSettings, startNats } from "./server.ts";

const ignore = NATS_SERVER === null;
/** Before a server has had the five seconds that it may take to accept a connection. */
const AT_ONCE_MS = 4_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

function open(settings: NatsSettings, lines: string[] = []) {
  const write = (message: string, fields: object = {}) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return openNats({
    settings,
    name: "test",
    log: { info: write, warn: write, debug: write },
    random: () => 0,
  });
}

Deno.test({
  name: "openNats() sends to subscribers, and says who hears nothing",
  ignore,
  fn: async () => {
    await using server = await startNats();
    const connection = open(server.settings);
    const came: string[] = [];
    const subscription = connection.subscribe({
      subject: "a",
      onMessage: ({ data, reply, isUnheard }) => came.push(`${text(data)} ${reply} ${isUnheard}`),
    });
    assert.equal(connection.publish("a", bytes("early")), false);
    await until(connection.isUp);
    assert.equal(connection.maxPayload(), 1024 * 1024);
    assert.ok(connection.publish("a", bytes("1"), "b"));
    assert.ok(connection.publish("nobody", bytes("2"), "a"));
    await connection.flush();
    await until(() => came.length === 2);
    assert.deepEqual(came, ["1 b false", " null true"]);
    subscription.end();
    assert.equal(connection.publish("a", new Uint8Array(1024 * 1024 + 1)), false);
    await connection.close();
    assert.equal(connection.publish("a", bytes("late")), false);
  },
});

Deno.test({
  name: "openNats() connects to a server that starts later, and again to one that restarts",
  ignore,
  fn: async () => {
    await using server = await startNats();
    await server.kill();
    const connection = open(server.settings);
    const came: string[] = [];
    connection.subscribe({ subject: "a", onMessage: ({ data }) => came.push(text(data)) });
    const states: boolean[] = [];
    connection.watch((isUp) => states.push(isUp));
    assert.equal(connection.isUp(), false);
    await server.start();
    await until(connection.isUp);
    await server.kill();
    await until(() => !connection.isUp());
    assert.equal(connection.publish("a", bytes("lost")), false);
    await server.start();
    await until(connection.isUp);
    assert.ok(connection.publish("a", bytes("again")));
    await until(() => came.length === 1);
    assert.deepEqual(came, ["again"]);
    assert.deepEqual(states, [true, false, true]);
    await connection.close();
  },
});

Deno.test({
  name: "openNats() says once why it cannot connect, without a password, and can be closed",
  ignore,
  fn: async () => {
    await using server = await startNats({
      config: ['authorization { users: [{ user: "hub", password: "right-one" }] }'],
    });
    const lines: string[] = [];
    const wrong = open({
      ...server.settings,
      user: "hub",
      password: new Secret("wrong-one"),
    }, lines);
    await until(() => lines.length > 0);
    assert.match(lines.join("\n"), /^NATS cannot be used .*Authorization Violation/);
    await wrong.close();
    assert.equal(lines.length, 1);
    assert.ok(!lines.join().includes("wrong-one"));

    const right = open({ ...server.settings, user: "hub", password: new Secret("right-one") });
    await until(right.isUp);
    await right.close();

    const nowhere = open(plainSettings(`127.0.0.1:${freePort()}`));
    await nowhere.close();
  },
});

Deno.test({
  name: "openNats() is closed at once although a server says nothing, also one that it had",
  ignore,
  fn: async () => {
    await using server = await startNats();
    const near: Deno.Conn[] = [];
    const listen = (port: number) => {
      const silent = Deno.listen({ hostname: "127.0.0.1", port });
      const accepting = (async () => {
        for await (const connection of silent) near.push(connection);
      })();
      return { silent, accepting };
    };
    const first = listen(0);
    const place = `127.0.0.1:${first.silent.addr.port}`;
    const connecting = open({ ...server.settings, servers: [place, place] });
    await until(() => near.length === 1);
    assert.notEqual(await within(connecting.close(), AT_ONCE_MS), "timeout");

    const connected = open(server.settings);
    await until(connected.isUp);
    await server.kill();
    const second = listen(server.port);
    await until(() => near.length === 2);
    assert.notEqual(await within(connected.close(), AT_ONCE_MS), "timeout");
    for (const { silent, accepting } of [first, second]) {
      silent.close();
      await accepting;
    }
    for (const connection of near) connection.close();
  },
});

Deno.test({
  name: "openNats() says each failure once, and few of many",
  ignore,
  fn: async () => {
    await using server = await startNats({
      config: [
        'authorization { users: [{ user: "hub", password: "right-one", permissions: ' +
        '{ publish: { deny: "no.>" } } }] }',
      ],
    });
    const lines: string[] = [];
    const settings = { ...server.settings, user: "hub", password: new Secret("right-one") };
    const connection = open(settings, lines);
    await until(connection.isUp);
    for (let count = 0; count < 10; count++) {
      for (const subject of ["no.one", "no.two"]) connection.publish(subject, bytes(""));
    }
    await until(() => lines.length === 3);
    for (let host = 0; host < 100; host++) connection.publish(`no.host.${host}`, bytes(""));
    await connection.flush();
    await until(() => lines.length >= 17);
    await connection.flush();
    await connection.close();
    assert.equal(lines.length, 17, lines.join("\n"));
  },
});

Deno.test("the socket of a server that says nothing is closed when it is waited for no longer", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { signal: ending } = new AbortController();
  const servers = [`127.0.0.1:${silent.addr.port}`];
  const connecting = connectClient({ servers, timeout: 40, ending }).catch(() => "no client");
  using near = await silent.accept();
  assert.equal(await connecting, "no client");
  const reading = near.read(new Uint8Array(1));
  assert.equal(await within(reading.catch(() => null), 10_000), null);
});

Deno.test({
  name: "openNats() is closed although its server was suspended, and what is drained ends, too",
  ignore,
  fn: async () => {
    await using server = await startNats();
    const connection = open(server.settings);
    await until(connection.isUp);
    const subscription = connection.subscribe({ subject: "x", onMessage() {} });
    server.pause("SIGSTOP");
    const ended = (async () => {
      await subscription.drain();
      await connection.close();
    })();
    // Each has two seconds; a server that is silent counts as gone after twenty.
    assert.notEqual(await within(ended, 12_000), "timeout");
    server.pause("SIGCONT");
  },
});
