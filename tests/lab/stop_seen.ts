import type { Host } from "../../lib/fleet/host.ts";
import { until } from "../processes.ts";
import type { LabBackend } from "./backend.ts";
import type { LabHub } from "./hub.ts";

/** A hub, and a host whose backend it has connections to. */
interface Connected {
  readonly hub: LabHub;
  readonly host: Host;
}

/** Stops a backend, and waits until its hub has seen the end of each connection. */
export async function stopSeen(
  { backend, ...connected }: Connected & { readonly backend: LabBackend },
): Promise<void> {
  await endSeen(connected, { connections: backend.connections, end: () => backend.stop() });
}

/**
 * Ends so many connections, and waits until the hub has seen the end of each. That takes a moment,
 * through ssh above all, and what is sent over one before may have run.
 */
export async function endSeen(
  { hub, host }: Connected,
  { connections, end }: { readonly connections: number; readonly end: () => Promise<void> },
): Promise<void> {
  const { disconnects } = hub.pool.wireTo(host, host.lmcpUrl ?? "");
  const atLeast = disconnects() + connections;
  await end();
  await until(() => disconnects() >= atLeast);
}
