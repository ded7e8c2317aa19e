import assert from "node:assert/strict";
import { watchPresence } from "../../../lib/fleet/nats/presence.ts";
import type { NatsConnection, NatsMessage } from "../../../lib/nats/connection.ts";
import { type Announcement, writeAnnouncement } from "../../../lib/nats/presence.ts";
import { presenceSubject, WHO_SUBJECT } from "../../../lib/nats/subjects.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

/** A presence that is fed by the test. */
function setUp() {
  const clock = createFakeClock();
  const events: string[] = [];
  let onMessage: (message: NatsMessage) => void = () => {};
  let onState: (isUp: boolean) => void = () => {};
  let isUp = true;
  const connection: NatsConnection = {
    isUp: () => isUp,
    watch: (listener) => {
      onState = listener;
      return () => {};
    },
    maxPayload: () => 1024,
    publish: (subject) => {
      events.push(`sent ${subject}`);
      return true;
    },
    subscribe: (options) => {
      onMessage = options.onMessage;
      return { end: () => {}, drain: () => Promise.resolve() };
    },
    flush: () => Promise.resolve(true),
    client: () => null,
    close: () => Promise.resolve(),
  };
  const presence = watchPresence({
    connection,
    clock,
    log: { warn: (message, fields) => events.push(`${message} ${JSON.stringify(fields)}`) },
    isNamed: (name) => name === "named",
    onHeard: (name, { tools }) => events.push(`heard ${name} ${tools}`),
    onSilent: (name) => events.push(`silent ${name}`),
    onChange: () => events.push("change"),
  });
  const receive = (subject: string, data: Uint8Array) =>
    onMessage({ subject, data, reply: null, isUnheard: false });
  return {
    clock,
    presence,
    receive,
    say: (name: string, announcement: Partial<Announcement> = {}) =>
      receive(
        presenceSubject(name),
        writeAnnouncement({
          agent: "a",
          version: "1.0",
          boot: null,
          tags: [],
          tools: 17,
          isServing: true,
          ...announcement,
        }),
      ),
    setUp: (state: boolean) => {
      isUp = state;
      onState(state);
    },
    /** What has happened since the last time. */
    seen: () => events.splice(0),
  };
}

Deno.test("watchPresence() asks who is there, at the start and after each reconnect", () => {
  const lab = setUp();
  assert.deepEqual(lab.seen(), [`sent ${WHO_SUBJECT}`]);
  lab.setUp(false);
  lab.setUp(true);
  assert.deepEqual(lab.seen(), [`sent ${WHO_SUBJECT}`]);
});

Deno.test("a host is silent when its last agent says goodbye", () => {
  const lab = setUp();
  lab.seen();
  lab.say("web01", { tags: ["a"] });
  lab.say("web01", { agent: "b", tags: ["a"] });
  assert.deepEqual(lab.seen(), ["change", "heard web01 17", "heard web01 17"]);
  assert.equal(lab.presence.changesOf("web01"), 2);
  lab.say("web01", { isServing: false });
  assert.deepEqual(lab.seen(), []);
  lab.say("web01", { agent: "b", isServing: false });
  assert.deepEqual(lab.seen(), ["silent web01"]);
  assert.equal(lab.presence.changesOf("web01"), 4);
  assert.deepEqual(lab.presence.hosts(), [{ name: "web01", tags: ["a"] }]);
});

Deno.test("a host whose announcements stop is silent, and forgotten after an hour", () => {
  const lab = setUp();
  lab.say("web01");
  lab.seen();
  lab.clock.advance(45_000);
  assert.deepEqual(lab.seen(), []);
  lab.clock.advance(10_000);
  assert.deepEqual(lab.seen(), ["silent web01"]);
  assert.equal(lab.presence.hosts().length, 1);
  lab.clock.advance(3_600_000);
  assert.deepEqual(lab.seen(), ["change"]);
  assert.deepEqual(lab.presence.hosts(), []);
});

Deno.test("nobody is silent because this hub was not connected", () => {
  const lab = setUp();
  lab.say("web01");
  lab.setUp(false);
  lab.clock.advance(300_000);
  lab.setUp(true);
  lab.seen();
  lab.clock.advance(10_000);
  assert.deepEqual(lab.seen(), []);
});

Deno.test("what is no announcement, or no host's name, is ignored with one line", () => {
  const lab = setUp();
  lab.seen();
  lab.receive("lmcp.presence.web01", new TextEncoder().encode("junk"));
  lab.receive("lmcp.presence.web01", new TextEncoder().encode('{"agent":"a b"}'));
  lab.receive("lmcp.presence.web01", new TextEncoder().encode(`{"agent":"a"}${" ".repeat(5_000)}`));
  assert.deepEqual(lab.seen(), []);
  lab.say("-oProxyCommand");
  lab.say("a b");
  assert.deepEqual(lab.seen(), [
    'announcements over NATS are ignored {"name":"-oProxyCommand","reason":"that is no name of a host"}',
  ]);
  assert.deepEqual(lab.presence.hosts(), []);
});

Deno.test("the tags and agents of a host, and the hosts, are bounded", () => {
  const lab = setUp();
  const tags = [...Array.from({ length: 40 }, (_, at) => `t${at}`), "a b", "x".repeat(65)];
  for (let agent = 0; agent < 40; agent++) {
    lab.say("web01", { agent: `a${agent}`, tags });
    lab.clock.advance(100);
  }
  assert.equal(lab.presence.hosts()[0]?.tags.length, 16);
  assert.equal(lab.presence.changesOf("web01"), 16);
  for (let at = 0; at < 20_010; at++) lab.say(`h${at}`);
  assert.equal(lab.presence.hosts().length, 20_000);
  lab.seen();
  lab.say("named");
  assert.deepEqual(lab.seen(), ["change", "heard named 17"]);
});

Deno.test("a host that comes and goes without end is probed now and then, and when it stays away", () => {
  const lab = setUp();
  lab.seen();
  const goodbyes = () => lab.seen().filter((event) => event === "silent web01").length;
  for (let count = 0; count < 1_000; count++) {
    lab.say("web01");
    lab.say("web01", { isServing: false });
    lab.clock.advance(10);
  }
  const before = goodbyes();
  assert.ok(before >= 2 && before <= 3, String(before));
  lab.say("web01");
  lab.clock.advance(5_000);
  assert.equal(goodbyes(), 0);
  lab.say("web01", { isServing: false });
  lab.say("web01");
  lab.say("web01", { isServing: false });
  lab.clock.advance(10_000);
  assert.equal(goodbyes(), 2);
});

Deno.test("two machines of one name are said once, a machine that was restarted is not", () => {
  const lab = setUp();
  const boots = ["1", "2"].map((digit) =>
    "12345678-1234-1234-1234-123456789012".replace("1", digit)
  );
  const [one = "", two = ""] = boots;
  lab.say("web01", { agent: "a", boot: one });
  lab.say("web01", { agent: "b", boot: two });
  lab.say("web01", { agent: "b", boot: two });
  assert.doesNotMatch(lab.seen().join(), /two machines/);
  for (const [agent, boot] of [["a", one], ["b", two], ["a", one]] as const) {
    lab.say("web01", { agent, boot });
  }
  assert.equal(
    lab.seen().filter((event) => event.startsWith("two machines serve one host")).length,
    1,
  );
});

Deno.test("a host that floods the hub with announcements is heard a bounded number of times", () => {
  const lab = setUp();
  lab.seen();
  for (let count = 0; count < 1_000; count++) lab.say("web01");
  lab.say("web02");
  assert.deepEqual(lab.seen().filter((event) => event.startsWith("heard")), [
    ...Array.from({ length: 32 }, () => "heard web01 17"),
    "heard web02 17",
  ]);
  lab.clock.advance(1_000);
  lab.say("web01", { isServing: false });
  assert.deepEqual(lab.seen(), ["silent web01"]);
});
