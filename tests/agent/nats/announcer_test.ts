import assert from "node:assert/strict";
import { announce } from "../../../lib/agent/nats/announcer.ts";
import type { NatsConnection } from "../../../lib/nats/connection.ts";
import { readAnnouncement } from "../../../lib/nats/presence.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

const BOOT = "00000000-0000-4000-8000-000000000000";

Deno.test("announce() says who it is when it is connected, now and then, when asked, and at the end", async () => {
  const clock = createFakeClock();
  const said: string[] = [];
  let onState: (isUp: boolean) => void = () => {};
  let ask = () => {};
  const connection: Pick<NatsConnection, "watch" | "publish" | "subscribe"> = {
    watch: (listener) => {
      onState = listener;
      return () => {};
    },
    publish: (subject, data) => {
      const { boot, isServing, tags, tools } = readAnnouncement(data) ?? assert.fail();
      assert.equal(subject, "lmcp.presence.web01=2elab");
      said.push([boot, isServing, tags.join(), tools].join(" "));
      return true;
    },
    subscribe: ({ subject, onMessage }) => {
      assert.equal(subject, "lmcp.who");
      ask = () => onMessage({ subject, data: new Uint8Array(0), reply: null, isUnheard: false });
      return { end: () => {}, drain: () => Promise.resolve() };
    },
  };
  const seen = () => said.splice(0);
  const goodbye = announce({
    connection,
    name: "web01.lab",
    agent: "me",
    tags: ["a", "b"],
    tools: 17,
    boot: () => Promise.resolve(BOOT),
    clock,
    random: () => 0.5,
  });
  await Promise.resolve();
  await Promise.resolve();
  seen();
  const here = `${BOOT} true a,b 17`;
  onState(true);
  assert.deepEqual(seen(), [here]);
  onState(false);
  clock.advance(14_999);
  assert.deepEqual(seen(), []);
  clock.advance(1);
  assert.deepEqual(seen(), [here]);
  // Many hubs that ask at once get one answer.
  for (let hub = 0; hub < 10; hub++) ask();
  clock.advance(249);
  assert.deepEqual(seen(), []);
  clock.advance(1);
  assert.deepEqual(seen(), [here]);
  ask();
  goodbye();
  assert.deepEqual(seen(), [`${BOOT} false a,b 17`]);
  clock.advance(60_000);
  assert.deepEqual(seen(), []);
});
