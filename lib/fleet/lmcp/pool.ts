import { createPause, type Pause } from "../../base/bursts.ts";
import type { Clock } from "../../base/time/clock.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { Wire, WireMessage, WireResult } from "../backend/wire.ts";
import type { Host } from "../host.ts";
import type { Lookup } from "../resolver.ts";
import type { Forwards } from "../ssh/forward.ts";
import { parseSshUrl, type SshUrl } from "./ssh_url.ts";
import { createHttpAgent, createNetConnector, type HttpAgent } from "./connect.ts";
import { post } from "./post.ts";
import { Tunnel } from "./tunnel.ts";

/** The connections to all backends. */
export interface HttpPool {
  /** What leads to a host's backend at an URL. */
  readonly wireTo: (host: Host, url: string) => Wire;
  /** Closes all connections; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** Options of `createHttpPool()`. */
export interface HttpPoolOptions {
  readonly lookup: Lookup;
  /** For backends that are reached through ssh. */
  readonly forwards: Forwards;
  readonly clock: Clock;
  /** What all long work of the program waits for between its steps; default: one of the pool's. */
  readonly pause?: Pause;
}

/** How a message with all its headers reaches a backend. */
interface Way {
  readonly post: (message: WireMessage) => Promise<WireResult>;
  readonly disconnects: () => number;
}

/**
 * Makes an `HttpPool`: an undici agent for each connect timeout in use, and one that keeps nothing;
 * and a tunnel for each backend that is reached through ssh.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { lookup, forwards, clock, pause = createPause() } = options;
  const connector = createNetConnector(lookup);
  const agents = new Map<number, HttpAgent>();
  const passing = new Map<number, HttpAgent>();
  const tunnels = new Map<string, Tunnel>();
  const detached = new Set<Promise<unknown>>();

  function detach(work: Promise<unknown>): void {
    detached.add(work);
    const forget = () => detached.delete(work);
    work.then(forget, forget);
  }

  function overNetwork({ timeouts: { connectMs } }: Host, url: string): Way {
    const { dispatcher, disconnects } = getOrAdd(
      agents,
      connectMs,
      () => createHttpAgent({ connectMs, connector, clock }),
    );
    const passingAgent = () =>
      getOrAdd(
        passing,
        connectMs,
        () => createHttpAgent({ connectMs, connector, clock, keeps: false }),
      );
    const { origin, pathname, search } = new URL(url);
    const target = { origin, path: pathname + search };
    return {
      post: (message) => {
        const way = message.bounds.isFresh === true ? passingAgent().dispatcher : dispatcher;
        return post(target, message, { dispatcher: way, clock, pause });
      },
      disconnects: () => disconnects(origin),
    };
  }

  function overSsh(host: Host, url: SshUrl): Way {
    const { sshHost, timeouts: { connectMs, sshMs } } = host;
    const key = [url.destination, url.port, sshHost !== null, connectMs, sshMs].join(" ");
    const make = () => new Tunnel(host, url, { forwards, clock, pause });
    const tunnel = getOrAdd(tunnels, key, make);
    return {
      post: (message) => tunnel.post(url.path, message),
      disconnects: () => tunnel.disconnects,
    };
  }

  return {
    wireTo(host, url) {
      const sshUrl = parseSshUrl(url);
      const way = sshUrl === null ? overNetwork(host, url) : overSsh(host, sshUrl);
      const own = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        ...(host.token === null ? {} : { authorization: `Bearer ${host.token.reveal()}` }),
      };
      const send: Wire["send"] = function sendOverHttp(message) {
        return way.post({ ...message, headers: { ...own, ...message.headers } });
      };
      return {
        send,
        sendDetached: (message) => detach(send(message)),
        disconnects: way.disconnects,
      };
    },
    close: async () => {
      await Promise.all(detached);
      const all = [...agents.values(), ...passing.values(), ...tunnels.values()];
      await Promise.all(all.map((agent) => agent.close()));
    },
  };
}
