import { freePort } from "../../free_port.ts";
import { startBackend } from "../../lab/backend.ts";
import type { FleetHost } from "./fleet.ts";

/** Hosts for a registry, and what ends their one backend. */
export interface ManyHosts extends AsyncDisposable {
  readonly hosts: readonly FleetHost[];
  /** The names of those that are down: every third. */
  readonly down: readonly string[];
}

/** What hosts are there for; the last digits of a name count within these. */
const ROLES = ["web", "db", "gpu", "edge", "build"] as const;

/** Hosts that share one backend, but for every third, whose port refuses. */
export async function startManyHosts(count: number): Promise<ManyHosts> {
  const backend = await startBackend();
  const refused = `http://127.0.0.1:${freePort()}/mcp`;
  const hosts = Array.from({ length: count }, (_, at): FleetHost => {
    const role = ROLES[at % ROLES.length] ?? "web";
    const name = `${role}${String(Math.floor(at / ROLES.length) + 1).padStart(3, "0")}`;
    const tags = [role, `rack${at % 7 + 1}`];
    return { name, tags, url: at % 3 === 2 ? refused : backend.url };
  });
  return {
    hosts,
    down: hosts.filter(({ url }) => url === refused).map(({ name }) => name),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}
