import { canWriteKnownHosts, KNOWN_HOSTS_WARNING } from "../fleet/ssh/known_hosts.ts";
import { openSshControl, type SshControl } from "../fleet/ssh/control.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { createCoarseClock } from "../base/coarse_clock.ts";
import { createServer, type McpServer } from "../mcp/server.ts";
import type { Tool } from "../mcp/tool.ts";
import type { Route } from "../http/handler.ts";
import { type Authenticator, createAuthenticator, defaultToken } from "../http/auth.ts";
import type { Logger } from "../base/log.ts";
import { createRedact, type Redact } from "../base/redact.ts";
import { spawnProcess } from "../base/process.ts";
import { formatProblem } from "../base/problem.ts";
import { type Access, createAccess } from "../tools/access.ts";
import { createRemoteTools } from "../tools/catalog.ts";
import { VERSION } from "../base/version.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Configuration, LoadedConfiguration } from "../config/load.ts";
import { createLiveConfiguration, type LiveConfiguration, type Standing } from "./live.ts";
import { watchConfiguration } from "./watch.ts";
import { derive } from "./derive.ts";
import { openFleet } from "./fleet.ts";
import { startMonitoring } from "./monitoring.ts";
import type { Program } from "./program.ts";

/** What `openHub()` needs beside its configuration. */
export interface HubOptions {
  /** Reads the configuration again. */
  readonly load: () => Promise<LoadedConfiguration>;
  readonly log: Logger;
  readonly program: Program;
  /** Closed with the hub. */
  readonly trail: AuditTrail;
}

/** The hub's MCP server, and what it stands on. */
export interface Hub {
  readonly server: McpServer;
  /** For what waits during calls. */
  readonly clock: Clock;
  /** Knows the inbound token and the clients' tokens as they are now. */
  readonly authenticate: Authenticator;
  /** Pages beside the MCP endpoint. */
  readonly routes: readonly Route[];
  /** Ends what the tools stand on; call it when the server has closed. */
  readonly close: () => Promise<void>;
}

/** How late a call's deadline may be noticed. */
const TICK_MS = 25;

const INSTRUCTIONS =
  "Tools for a fleet of hosts: each takes the name of a host, which remote_list_hosts lists. " +
  'An answer whose outcome is "unknown" may have taken effect: look at the host before you ' +
  "repeat the call.";

/** Makes the hub's server, which follows the files of its configuration from now on. */
export async function openHub(configuration: Configuration, options: HubOptions): Promise<Hub> {
  const { log, program } = options;
  const { settings } = configuration;
  const clock = createCoarseClock(TICK_MS);
  const live = createLiveConfiguration(configuration, options);
  const control = await openControl(settings.controlDirectories, log);
  const registry = () => live.standing().configuration.registry;
  const fleet = openFleet({ settings, registry, control, clock });
  const redact = derive(live.standing, ({ configuration }) => redactOf(configuration));
  const monitoring = startMonitoring({
    settings,
    registry,
    fleet,
    trail: options.trail,
    redact: (text) => redact()(text),
    stop: program.stop,
  });
  const tools = createRemoteTools({
    access: () => access(),
    dispatch: fleet.dispatch,
    listStates: fleet.prober.listStates,
    now: clock.now,
  });
  const access = derive(live.standing, (standing) => accessOf(standing, tools));
  const authenticate = derive(live.standing, authenticatorOf);
  const server = createServer({
    name: settings.name,
    version: VERSION,
    instructions: INSTRUCTIONS,
    tools: (principal) => access().toolsFor(principal),
    log: log.error,
    onCall: monitoring.onCall,
    clock,
  });
  const unfollow = follow(live, options);
  const hostKeys = warnOfHostKeys(configuration, log);
  return {
    server,
    clock,
    authenticate: (request) => authenticate()(request),
    routes: monitoring.routes,
    close: async () => {
      await Promise.all([unfollow(), hostKeys]);
      await fleet.close();
      await monitoring.close();
      clock[Symbol.dispose]();
    },
  };
}

/** Reloads when files change and when asked to; gives the function that ends this. */
function follow(
  { haveFilesChanged, reload }: LiveConfiguration,
  { log, program: { onReload } }: HubOptions,
): () => Promise<void> {
  const closing = new AbortController();
  const watching = watchConfiguration({
    haveFilesChanged,
    reload: () => reload().catch((error) => log.error("reload failed", { error })),
    onReload,
    clock: systemClock,
    signal: closing.signal,
  });
  return async () => {
    closing.abort();
    await watching;
  };
}

function accessOf({ configuration, problems }: Standing, tools: readonly Tool[]): Access {
  const { registry } = configuration;
  return createAccess({ registry, problems: problems.map(formatProblem) }, tools);
}

function authenticatorOf({ configuration: { settings, registry } }: Standing): Authenticator {
  return createAuthenticator([...defaultToken(settings.token), ...registry.clients.values()]);
}

/** Said in the log once it is known, which the start does not wait for. */
async function warnOfHostKeys({ settings, registry }: Configuration, log: Logger): Promise<void> {
  const usesSsh = [...registry.hosts.values()].some(({ sshHost }) => sshHost !== null);
  if (usesSsh && !await canWriteKnownHosts(spawnProcess, settings.sshConfig)) {
    log.warn(KNOWN_HOSTS_WARNING);
  }
}

/** Without a safe place for its sockets ssh connects anew for each call, which is slower. */
async function openControl(
  directories: readonly string[],
  log: Logger,
): Promise<SshControl | null> {
  const reasons: unknown[] = [];
  for (const directory of directories) {
    try {
      return await openSshControl(directory);
    } catch (error) {
      reasons.push(error);
    }
  }
  log.warn("ssh connections are not reused, set LMCP_HUB_CONTROL_DIR", { reasons });
  return null;
}

/** A function that hides all tokens of a configuration. */
function redactOf({ settings, registry }: Configuration): Redact {
  const owners = [settings, ...registry.hosts.values(), ...registry.clients.values()];
  return createRedact(owners.flatMap(({ token }) => token ?? []));
}
