import assert from "node:assert/strict";
import { type KV, Kvm } from "@nats-io/kv";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { openNats } from "../../../lib/nats/connection.ts";
import { createFollower } from "../../../lib/shared/nats/follower.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";

const LOG = { info() {}, warn() {}, debug() {} };

Deno.test({
  name: "createFollower() watches again where the connection was lost while a watch began",
  ignore: NATS_SERVER === null,
  fn: async () => {
    await using server = await startNats({ jetStream: true });
    const connection = openNats({ settings: server.settings, name: "hub", log: LOG });
    await until(connection.isUp);
    const kv = await new Kvm(connection.client() ?? assert.fail()).create("bucket");
    let reconnect = () => {};
    let watches = 0;
    const watched: KV = Object.create(kv, {
      watch: {
        value: async (...args: Parameters<KV["watch"]>) => {
          const watching = await kv.watch(...args);
          if (++watches === 1) reconnect();
          return watching;
        },
      },
    });
    const follower = createFollower({
      connection: {
        ...connection,
        watch: (listener) => {
          reconnect = () => listener(true);
          return () => {};
        },
      },
      open: () => Promise.resolve(watched),
      onFailure: (error) => assert.fail(String(error)),
      clock: systemClock,
      log: LOG,
    });
    const keys: string[] = [];
    follower.watch("*", (change) => change.kind === "put" && keys.push(change.entry.key));
    await until(() => watches === 2);
    await kv.put("key", "value");
    await until(() => keys.length === 1);
    await follower.close();
    assert.equal(watches, 2);
    await connection.close();
  },
});
