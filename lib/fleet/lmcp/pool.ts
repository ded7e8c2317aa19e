import { createPause, type Pause } from "../../base/bursts.ts";
import type { Clock } from "../../base/time/clock.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { Wire, WireMessage, WireResult } from "../backend/wire.ts";
import type { Host } from "../host.ts";
import type { Lookup } from "../resolver.ts";
import type { Forwards } from "../ssh/forward.ts";
import { parseSshUrl, type SshUrl } from "./ssh_url.ts";
import { type Connector, createHttpAgent, createNetConnector, type HttpAgent } from "./connect.ts";
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

/** Makes an `HttpPool`. */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  return new Connections(options);
}

/**
 * Two undici agents for each connect timeout in use, one of which keeps nothing; and a tunnel for each
 * backend that is reached through ssh.
 */
class Connections implements HttpPool {
  readonly #options: HttpPoolOptions;
  readonly #connector: Connector;
  readonly #pause: Pause;
  readonly #keeping = new Map<number, HttpAgent>();
  readonly #passing = new Map<number, HttpAgent>();
  readonly #tunnels = new Map<string, Tunnel>();
  readonly #detached = new Set<Promise<unknown>>();

  constructor(options: HttpPoolOptions) {
    this.#options = options;
    this.#connector = createNetConnector(options.lookup);
    this.#pause = options.pause ?? createPause();
  }

  wireTo(host: Host, url: string): Wire {
    const sshUrl = parseSshUrl(url);
    const way = sshUrl === null ? this.#overNetwork(host, url) : this.#overSsh(host, sshUrl);
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
      sendDetached: (message) => this.#detach(send(message)),
      disconnects: way.disconnects,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#detached);
    const all = [...this.#keeping.values(), ...this.#passing.values(), ...this.#tunnels.values()];
    await Promise.all(all.map((agent) => agent.close()));
  }

  #overNetwork({ timeouts: { connectMs } }: Host, url: string): Way {
    const { clock } = this.#options;
    const { dispatcher, disconnects } = this.#agent(connectMs);
    const { origin, pathname, search } = new URL(url);
    const target = { origin, path: pathname + search };
    return {
      post: (message) => {
        const way = message.bounds.isFresh === true
          ? this.#passingAgent(connectMs).dispatcher
          : dispatcher;
        return post(target, message, { dispatcher: way, clock, pause: this.#pause });
      },
      disconnects: () => disconnects(origin),
    };
  }

  #agent(connectMs: number): HttpAgent {
    return getOrAdd(this.#keeping, connectMs, () => this.#makeAgent(connectMs, { keeps: true }));
  }

  #passingAgent(connectMs: number): HttpAgent {
    return getOrAdd(this.#passing, connectMs, () => this.#makeAgent(connectMs, { keeps: false }));
  }

  #makeAgent(connectMs: number, options: { readonly keeps: boolean }): HttpAgent {
    const { clock } = this.#options;
    return createHttpAgent({ connectMs, connector: this.#connector, clock, ...options });
  }

  #overSsh(host: Host, url: SshUrl): Way {
    const { forwards, clock } = this.#options;
    const { sshHost, timeouts: { connectMs, sshMs } } = host;
    const key = [url.destination, url.port, sshHost !== null, connectMs, sshMs].join(" ");
    const make = () => new Tunnel(host, url, { forwards, clock, pause: this.#pause });
    const tunnel = getOrAdd(this.#tunnels, key, make);
    return {
      post: (message) => tunnel.post(url.path, message),
      disconnects: () => tunnel.disconnects,
    };
  }

  #detach(work: Promise<unknown>): void {
    this.#detached.add(work);
    const forget = () => this.#detached.delete(work);
    work.then(forget, forget);
  }
}
