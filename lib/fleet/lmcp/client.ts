import type { Clock } from "../../base/clock.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { Implementation } from "../../mcp/era.ts";
import type { Host } from "../host.ts";
import { Backend, type LmcpRequest, type LmcpResult } from "./backend.ts";
import { createHttpAgent, type HttpAgent } from "./connect.ts";
import type { Lookup } from "../resolver.ts";

export type { LmcpRequest, LmcpResult };

/** The hub as a client of backends. */
export interface Lmcp {
  /** Sends a request to a host that has an `lmcpUrl`; see `Backend.send()`. */
  readonly send: (host: Host, request: LmcpRequest) => Promise<LmcpResult>;
  /** Closes all connections; requests under way fail. */
  readonly close: () => Promise<void>;
}

/** What `createLmcp()` needs. */
export interface LmcpOptions {
  readonly lookup: Lookup;
  /** What the hub says of itself. */
  readonly client: Implementation;
  readonly clock: Clock;
}

/** Makes the client of all backends: one connection pool for each connect timeout in use. */
export function createLmcp(options: LmcpOptions): Lmcp {
  const agents = new Map<number, HttpAgent>();
  // A reloaded registry has new hosts, so what is remembered of the old ones goes with them.
  const backends = new WeakMap<Host, Backend>();
  const detached = new Set<Promise<unknown>>();

  function agentFor(connectMs: number): HttpAgent {
    const make = () => createHttpAgent({ connectMs, lookup: options.lookup });
    return getOrAdd(agents, connectMs, make);
  }

  function detach(work: Promise<unknown>): void {
    detached.add(work);
    work.finally(() => detached.delete(work));
  }

  function makeBackend(host: Host): Backend {
    if (host.lmcpUrl === null) throw new TypeError(`Host "${host.name}" has no lmcp_url`);
    return new Backend(host, host.lmcpUrl, {
      dispatcher: agentFor(host.timeouts.connectMs).dispatcher,
      client: options.client,
      clock: options.clock,
      detach,
    });
  }

  return {
    send: (host, request) => getOrAdd(backends, host, () => makeBackend(host)).send(request),
    close: async () => {
      await Promise.all(detached);
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}
