import { aborted } from "../base/time/aborted.ts";
import { messageOf } from "../base/text/error_text.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import { isLoopback } from "../config/address.ts";
import type { ServerSettings } from "../config/server.ts";
import { type ConfigSources, readFailure } from "../config/sources.ts";
import type { McpServer } from "../mcp/server.ts";
import type { Authenticator } from "./auth.ts";
import { createDenials, type DenialReports, type Denials } from "./denied.ts";
import { createHttpHandler, type Route, type Site } from "./handler.ts";
import { findKeyPairFault, type KeyPair } from "./key_pair.ts";
import type { OauthGate } from "./oauth/gate.ts";
import { OpenPort } from "./port.ts";
import { createGuesses, type Guesses } from "./visitors/guesses.ts";

/** How long running calls may take to end when the program is asked to stop. */
const DRAIN_MS = 10_000;
/** How long answers may take to leave after that. */
const FLUSH_MS = 1_000;

/** What pages that know their visitors themselves are made of, as far as the server knows it. */
export interface SiteServer {
  readonly clock: Clock;
  readonly allowedHosts: readonly string[];
  readonly onDenied: Denials["report"];
  readonly holdGuess: Guesses["hold"];
  readonly onBug: (error: unknown) => void;
  readonly stop: AbortSignal;
}

/** What is served, and what to say of it at the start. */
export interface Endpoint {
  readonly server: McpServer;
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly authenticate: Authenticator;
  /** Knows who calls MCP with an access token; default: nobody does. */
  readonly oauth?: OauthGate;
  /** Pages beside the MCP endpoint; default none. */
  readonly routes?: readonly Route[];
  /** Makes pages that know their visitors themselves; default: there are none. */
  readonly createSite?: (server: SiteServer) => Site;
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Called with requests without a valid token, a bounded number of them, which are logged. */
  readonly onDenied?: DenialReports["onDenied"];
  /** Aborted when the program is asked to stop. */
  readonly stop: AbortSignal;
  /** Reads the TLS files. */
  readonly readTextFile: ConfigSources["readTextFile"];
  /** Called once, when the port is open. */
  readonly onListen: (url: string) => void;
}

/** Why a program cannot begin to serve; the message is one line and says what to do. */
export class ServeError extends Error {
  override readonly name = "ServeError";
}

/**
 * Serves MCP over HTTP until the program is asked to stop; then lets running calls end, for ten
 * seconds at most. Throws `ServeError` if the address or the TLS files cannot be used.
 */
export async function serveHttp(endpoint: Endpoint): Promise<void> {
  const { server, clock = systemClock, settings, log } = endpoint;
  const denials = createDenials({ log, clock, onDenied: endpoint.onDenied ?? (() => {}) });
  const guesses = createGuesses(clock);
  const onBug = (error: unknown) => log.error("request failed", { error });
  const { createSite = () => () => null, stop } = endpoint;
  const { allowedHosts } = settings;
  const onDenied = denials.report;
  const holdGuess = guesses.hold;
  const handler = createHttpHandler({
    server,
    onBug,
    onDenied,
    holdGuess,
    clock,
    authenticate: endpoint.authenticate,
    ...(endpoint.oauth && { oauth: endpoint.oauth }),
    routes: endpoint.routes ?? [],
    site: createSite({ clock, allowedHosts, onDenied, holdGuess, onBug, stop }),
    allowedHosts,
    isLoopbackBind: isLoopback(settings.bind),
  });
  const keyPair = await readKeyPair(settings, endpoint.readTextFile);
  const listen = (port: number) =>
    listenOn({ ...settings, port }, {
      ...keyPair,
      onError: (error) => {
        onBug(error);
        return new Response(null, { status: 500 });
      },
      handler,
    });
  const port = new OpenPort({ listen, port: settings.port, log, clock });
  try {
    endpoint.onListen(urlOf(port.addr, settings));
    await aborted(stop);
    guesses[Symbol.dispose]();
    announceStop(server.runningCalls(), log);
    await server.close(AbortSignal.timeout(DRAIN_MS));
  } finally {
    guesses[Symbol.dispose]();
    await port.close(FLUSH_MS);
    denials[Symbol.dispose]();
  }
}

/** A listener on the settings' address; only what is thrown here is about the address. */
function listenOn(
  settings: ServerSettings,
  options: Omit<Deno.ServeTcpOptions, "hostname" | "port" | "onListen"> & Partial<KeyPair> & {
    readonly handler: Deno.ServeHandler<Deno.NetAddr>;
  },
): Deno.HttpServer<Deno.NetAddr> {
  const { bind: hostname, port } = settings;
  try {
    return Deno.serve({ ...options, hostname, port, onListen: () => {} });
  } catch (cause) {
    throw new ServeError(`Cannot listen on ${hostname} port ${port}: ${adviseOn(cause)}`, {
      cause,
    });
  }
}

/** What is wrong with an address, and what to do. */
function adviseOn(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    const list = Deno.build.os === "darwin" ? "lsof -nP -iTCP -sTCP:LISTEN" : "ss -ltnp";
    return "the port is in use: choose another one with --port or LMCP_PORT, or stop the program " +
      `that holds it (${list} names it)`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied: choose a port above 1023 with --port or LMCP_PORT";
  }
  const message = messageOf(error);
  return `${message}: choose an address of this machine with --bind or LMCP_HOST`;
}

/** Logged as a warning, so that the operator who stops the program sees why it still runs with `--quiet` too. */
function announceStop(calls: number, log: Logger): void {
  if (calls === 0) return log.info("stopping");
  const message = `stopping: running calls have ${
    DRAIN_MS / 1000
  } s to end; a second signal ends them at once`;
  log.warn(message, { calls });
}

function urlOf({ hostname, port }: Deno.NetAddr, { tls }: ServerSettings): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === null ? "http" : "https"}://${host}:${port}/mcp`;
}

/** The TLS files, if there are any. Throws `ServeError`. */
async function readKeyPair(
  { tls }: ServerSettings,
  readTextFile: ConfigSources["readTextFile"],
): Promise<KeyPair | Record<string, never>> {
  if (tls === null) return {};
  const read = async (path: string) => {
    try {
      return await readTextFile(path);
    } catch (cause) {
      throw new ServeError(`Cannot read "${path}": ${readFailure(cause)}`, { cause });
    }
  };
  const pair = { cert: await read(tls.certPath), key: await read(tls.keyPath) };
  const fault = findKeyPairFault(pair);
  if (fault === null) return pair;
  const files = `certificate "${tls.certPath}" and key "${tls.keyPath}"`;
  throw new ServeError(`Cannot serve HTTPS with ${files}: ${fault}`);
}
