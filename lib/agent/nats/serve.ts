import { aborted } from "../../base/time/aborted.ts";
import { hostname } from "node:os";
import type { Logger } from "../../base/log.ts";
import { systemClock } from "../../base/time/clock.ts";
import { VERSION } from "../../base/version.ts";
import type { McpServer } from "../../mcp/server.ts";
import { openNats } from "../../nats/connection.ts";
import type { NatsSettings } from "../../nats/settings.ts";
import { announce } from "./announcer.ts";
import { serveNats } from "./service.ts";

/** How long calls that run may take to end at the stop, and answers to be fetched. */
const DRAIN_MS = 10_000;

/** Options of `serveOverNats()`. */
export interface ServeOptions {
  readonly server: McpServer;
  readonly settings: { readonly natsName: string | null; readonly tags: readonly string[] };
  /** How many tools there are. */
  readonly tools: number;
  /** Id of the machine's boot; null: not known. */
  readonly boot: () => Promise<string | null>;
  readonly log: Logger;
  /** Aborted when the program is asked to stop. */
  readonly stop: AbortSignal;
}

/**
 * Serves MCP over NATS until the program is asked to stop, and then lets running calls end, for ten
 * seconds at most. A server of NATS that is away is waited for.
 */
export async function serveOverNats(
  nats: NatsSettings,
  { server, settings, tools, boot, log, stop }: ServeOptions,
): Promise<void> {
  const name = settings.natsName ?? hostname();
  const agent = crypto.randomUUID();
  const clock = systemClock;
  const connection = openNats({ settings: nats, name: `lmcp-agent ${name}`, log });
  const service = serveNats({ connection, server, name, agent, clock, log });
  const { tags } = settings;
  const sayGoodbye = announce({ connection, name, agent, tags, tools, boot, clock });
  log.info("lmcp-agent serves over NATS", { version: VERSION, name, servers: nats.servers.join() });
  await aborted(stop);
  sayGoodbye();
  await service.drain();
  const tooLong = AbortSignal.timeout(DRAIN_MS);
  await server.close(tooLong);
  await service.close(tooLong);
  await connection.close();
}
