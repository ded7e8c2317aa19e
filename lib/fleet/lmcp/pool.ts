import { createPause, type Pause } from "../../base/bursts.ts";
import type { Clock } from "../../base/time/clock.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { Wire } from "../backend/wire.ts";
import type { Host } from "../host.ts";
import type { Lookup } from "../resolver.ts";
import { createHttpAgent, type HttpAgent } from "./connect.ts";
import { post } from "./post.ts";

/** The connections to all backends. */
export interface HttpPool {
  /** What leads to a host's backend at an URL. */
  readonly wireTo: (host: Host, url: string) => Wire;
  /** Closes all connections; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** What `createHttpPool()` needs. */
export interface HttpPoolOptions {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** What all long work of the program waits for between its steps; default: one of the pool's. */
  readonly pause?: Pause;
}

/** Makes an `HttpPool`: an undici agent for each connect timeout in use, and one that keeps nothing. */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { lookup, clock, pause = createPause() } = options;
  const agents = new Map<number, HttpAgent>();
  const passing = new Map<number, HttpAgent>();
  const detached = new Set<Promise<unknown>>();

  function detach(work: Promise<unknown>): void {
    detached.add(work);
    const forget = () => detached.delete(work);
    work.then(forget, forget);
  }

  function passingAgent(connectMs: number): HttpAgent {
    const make = () => createHttpAgent({ connectMs, lookup, clock, keeps: false });
    return getOrAdd(passing, connectMs, make);
  }

  return {
    wireTo({ timeouts: { connectMs }, token }, url) {
      const { dispatcher, disconnects } = getOrAdd(
        agents,
        connectMs,
        () => createHttpAgent({ connectMs, lookup, clock }),
      );
      const { origin, pathname, search } = new URL(url);
      const target = { origin, path: pathname + search };
      const own = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        ...(token === null ? {} : { authorization: `Bearer ${token.reveal()}` }),
      };
      const send: Wire["send"] = function sendOverHttp(message) {
        const headers = { ...own, ...message.headers };
        const way = message.bounds.isFresh === true
          ? passingAgent(connectMs).dispatcher
          : dispatcher;
        return post(target, { ...message, headers }, { dispatcher: way, clock, pause });
      };
      return {
        send,
        sendDetached: (message) => detach(send(message)),
        disconnects: () => disconnects(origin),
      };
    },
    close: async () => {
      await Promise.all(detached);
      const all = [...agents.values(), ...passing.values()];
      await Promise.all(all.map((agent) => agent.close()));
    },
  };
}
