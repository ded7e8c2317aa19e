import type { AuditTrail } from "../audit/trail.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Configuration } from "../config/load.ts";
import type { Authenticator } from "../http/auth.ts";
import type { Route } from "../http/handler.ts";
import type { OauthGate } from "../http/oauth/gate.ts";
import type { Endpoint } from "../http/listen.ts";
import type { McpServer } from "../mcp/server.ts";
import { createLiveState, type LiveOptions } from "./live.ts";
import { startMonitoring } from "./monitoring.ts";
import { openOauth } from "./oauth.ts";
import { listenersOf } from "./parts/listeners.ts";
import { openResources } from "./parts/resources.ts";
import { createHubServer } from "./parts/server.ts";
import { openServices } from "./parts/services.ts";
import { openSite } from "./parts/site.ts";
import type { Program } from "./program.ts";
import { warnOfHostKeys } from "./ssh/host_keys.ts";
import { createHubTools } from "./tools.ts";
import { watchConfiguration } from "./watch.ts";

/** Options of `openHub()`. */
export interface HubOptions {
  readonly load: LiveOptions["load"];
  readonly log: Logger;
  readonly program: Program;
  /** Closed with the hub. */
  readonly trail: AuditTrail;
}

/** The hub's MCP server, and what goes with it. */
export interface Hub {
  readonly server: McpServer;
  /** For what waits during calls. */
  readonly clock: Clock;
  /** Knows the inbound token and the clients' tokens as they are now. */
  readonly authenticate: Authenticator;
  /** Knows the access tokens of the issuers that it trusts now. */
  readonly oauth: OauthGate;
  /** Pages beside the MCP endpoint. */
  readonly routes: readonly Route[];
  /** The fleet page; absent over stdio, where nobody can look at it. */
  readonly createSite?: NonNullable<Endpoint["createSite"]>;
  /** Ends what the tools use; call it when the server has closed. */
  readonly close: () => Promise<void>;
}

/** Makes the hub's server, which follows the files of its configuration from now on. */
export async function openHub(configuration: Configuration, options: HubOptions): Promise<Hub> {
  const { log, program, trail } = options;
  const { settings } = configuration;
  const state = () => live.current();
  const reload = () => live.reload().catch((error) => log.error("reload failed", { error }));
  const resources = await openResources(settings, log);
  const { clock, capacity, nats } = resources;
  const services = await openServices({ ...resources, settings, state, reload, trail });
  const { sharing, fleet, approvals } = services;
  const tools = createHubTools({
    state,
    dispatch: fleet.dispatch,
    inventory: fleet.inventory,
    beforeSend: (call, effects) => monitoring.beforeSend(call, effects),
    listStates: fleet.prober.listStates,
    outputs: sharing.outputs,
    confirming: approvals.confirming,
    clock,
    maxOpen: capacity.maxCalls,
  });
  const live = createLiveState(configuration, {
    ...options,
    announced: () => nats?.announced() ?? [],
    tools,
    ...listenersOf(services, { calls: () => server.calls, log }),
  });
  const monitoring = startMonitoring({
    settings,
    registry: () => state().configuration.registry,
    fleet,
    trail,
    approvals: approvals.counts,
    tools,
    redact: (text) => state().redactRecord(text),
    stop: program.stop,
  });
  const server = createHubServer({ ...resources, ...services, settings, state, monitoring });
  const authenticate: Authenticator = (request) => state().authenticate(request);
  const joined = sharing.join({ running: server.calls, linkTo: fleet.linkTo });
  const site = openSite({ ...services, server, joined, state, authenticate, clock, log });
  const oauth = openOauth({ state, clock, log });
  const closing = new AbortController();
  const watching = watchConfiguration({
    findChange: live.findChange,
    reload,
    onReload: program.onReload,
    clock: systemClock,
    signal: closing.signal,
  });
  const hostKeys = warnOfHostKeys(configuration, log);
  await approvals.serveIfNeeded();
  return {
    server,
    clock,
    authenticate,
    oauth: oauth.gate,
    routes: monitoring.routes,
    ...(site && { createSite: site.create }),
    close: async () => {
      closing.abort();
      await Promise.all([watching, hostKeys, site?.close(), oauth.close()]);
      await services.close();
      await monitoring.close();
      await resources.close();
    },
  };
}
