import type { ServerSettings } from "../config/settings.ts";
import type { ConfigSources } from "../config/sources.ts";
import { isLoopback } from "../config/address.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { createHttpHandler, type Route } from "./handler.ts";
import type { McpServer } from "../mcp/server.ts";
import type { Authenticator } from "./auth.ts";
import type { Logger } from "../base/log.ts";
import { within } from "../base/within.ts";

/** How long running calls may take to end when the program is asked to stop. */
const DRAIN_MS = 10_000;
/** How long answers may take to leave after that. */
const FLUSH_MS = 1_000;

/** What is served, and what to say of it at the start. */
export interface Endpoint {
  readonly server: McpServer;
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly authenticate: Authenticator;
  /** Pages beside the MCP endpoint; default none. */
  readonly routes?: readonly Route[];
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Aborted when the program is asked to stop. */
  readonly stop: AbortSignal;
  /** Reads the TLS files. */
  readonly readTextFile: ConfigSources["readTextFile"];
  /** Told once, when the port is open. */
  readonly onListen: (url: string) => void;
}

/**
 * Serves MCP over HTTP until the program is asked to stop; then lets running calls end, for ten
 * seconds at most. Throws what `Deno.serve` throws if the address cannot be had.
 */
export async function serveHttp(endpoint: Endpoint): Promise<void> {
  const { server, clock = systemClock, settings, log } = endpoint;
  const handler = createHttpHandler({
    server,
    clock,
    authenticate: endpoint.authenticate,
    routes: endpoint.routes ?? [],
    allowedHosts: settings.allowedHosts,
    isLoopbackBind: isLoopback(settings.bind),
  });
  const abandon = new AbortController();
  const listener = Deno.serve({
    signal: abandon.signal,
    hostname: settings.bind,
    port: settings.port,
    ...await readTls(settings, endpoint.readTextFile),
    onListen: ({ hostname, port }) => endpoint.onListen(urlOf(hostname, port, settings)),
    onError: (error) => {
      log.error("request failed", { error });
      return new Response(null, { status: 500 });
    },
  }, handler);
  await aborted(endpoint.stop);
  log.info("stopping");
  await server.close(AbortSignal.timeout(DRAIN_MS));
  if (await within(listener.shutdown(), FLUSH_MS) === "timeout") abandon.abort();
  await listener.finished;
}

/** Says why the program cannot serve, for standard error. */
export function describeListenError(error: unknown, { bind, port, tls }: ServerSettings): string {
  const reason = error instanceof Deno.errors.AddrInUse
    ? "the port is in use"
    : error instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : error instanceof Error
    ? error.message
    : String(error);
  const files = tls === null ? "" : ` with certificate "${tls.certPath}" and key "${tls.keyPath}"`;
  return `Cannot listen on ${bind} port ${port}${files}: ${reason}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function urlOf(address: string, port: number, { tls }: ServerSettings): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return `${tls === null ? "http" : "https"}://${host}:${port}/mcp`;
}

async function readTls(
  { tls }: ServerSettings,
  readTextFile: ConfigSources["readTextFile"],
) {
  if (tls === null) return {};
  return { cert: await readTextFile(tls.certPath), key: await readTextFile(tls.keyPath) };
}
