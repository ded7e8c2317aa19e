import type { Host } from "../../lib/fleet/host.ts";
import { until } from "../processes.ts";
import type { LabBackend } from "./backend.ts";
import type { LabHub } from "./hub.ts";

/** Who is connected to a backend. */
interface Pair {
  readonly backend: LabBackend;
  readonly hub: LabHub;
  readonly host: Host;
}

/**
 * Stops a backend, and waits until its hub has seen the end of each connection. That takes a moment,
 * through ssh above all, and what is sent over one before may have run.
 */
export async function stopSeen({ backend, hub, host }: Pair): Promise<void> {
  const { disconnects } = hub.pool.wireTo(host, host.lmcpUrl ?? "");
  const atLeast = disconnects() + backend.connections;
  await backend.stop();
  await until(() => disconnects() >= atLeast, 5_000);
}
