import type { AuditTrail } from "../audit/trail.ts";
import { createPause } from "../base/bursts.ts";
import { collectGarbage } from "../base/collect_garbage.ts";
import { type Clock, systemClock } from "../base/time/clock.ts";
import { createCoarseClock } from "../base/time/coarse_clock.ts";
import type { Logger } from "../base/log.ts";
import { spawnProcess } from "../base/process.ts";
import { VERSION } from "../base/version.ts";
import { createBudget } from "../calls/budget.ts";
import type { Configuration } from "../config/load.ts";
import { claimantOf } from "../fleet/claimant.ts";
import { usesSsh } from "../fleet/lmcp/ssh_url.ts";
import { canWriteKnownHosts, KNOWN_HOSTS_WARNING } from "../fleet/ssh/known_hosts.ts";
import type { Authenticator } from "../http/auth.ts";
import type { Route } from "../http/handler.ts";
import type { Endpoint } from "../http/listen.ts";
import type { OperatedCalls } from "../mcp/in_flight.ts";
import type { ResultProfile } from "../mcp/profile.ts";
import { createServer, MAX_ANSWERS_BYTES, type McpServer } from "../mcp/server.ts";
import { createOutputs } from "../outputs/store.ts";
import { createRemoteTools } from "../tools/catalog.ts";
import { limitTimeout } from "../tools/limit_timeout.ts";
import { createProfiles } from "../tools/profiles.ts";
import { hideSecrets } from "../tools/hide_secrets.ts";
import { createCapacity } from "./capacity.ts";
import { openControl } from "./control.ts";
import { openFleet } from "./fleet.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { createLiveState, type LiveOptions, type LiveState } from "./live.ts";
import { startMonitoring } from "./monitoring.ts";
import { createLazySite } from "./page/lazy_site.ts";
import { startRecording } from "./page/recording.ts";
import type { Program } from "./program.ts";
import { createSshClient } from "./ssh_client.ts";
import type { HubState } from "./state.ts";
import { watchConfiguration } from "./watch.ts";

/** What `openHub()` needs beside its configuration. */
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
  /** Pages beside the MCP endpoint. */
  readonly routes: readonly Route[];
  /** The fleet page; absent over stdio, where nobody can look at it. */
  readonly createSite?: NonNullable<Endpoint["createSite"]>;
  /** Ends what the tools use; call it when the server has closed. */
  readonly close: () => Promise<void>;
}

/** How late a call's deadline may be noticed. */
const TICK_MS = 25;

/** Makes the hub's server, which follows the files of its configuration from now on. */
export async function openHub(configuration: Configuration, options: HubOptions): Promise<Hub> {
  const { log, program } = options;
  const { settings } = configuration;
  const clock = createCoarseClock(TICK_MS);
  const capacity = createCapacity({ log, clock: systemClock });
  const control = await openControl(settings.controlDirectories, log);
  const registry = () => live.current().configuration.registry;
  const redact = (text: string) => live.current().redact(text);
  const maxTimeoutOf = (principal: string) =>
    live.current().accepted.clients.get(principal)?.maxTimeoutMs ?? null;
  const answers = createBudget(() => MAX_ANSWERS_BYTES);
  const pause = createPause();
  const { isShort } = capacity;
  const isServing = settings.transport === "http";
  const recording = isServing ? startRecording({ state: () => live.current(), clock }) : null;
  const fleet = openFleet({
    settings,
    registry,
    control,
    answers,
    pause,
    isShort,
    ...(recording && { onState: recording.onState }),
    clock,
    log,
  });
  const outputs = createOutputs({ claimantOf, now: clock.now });
  const tools = createRemoteTools({
    access: () => live.current().access,
    dispatch: fleet.dispatch,
    inventory: fleet.inventory,
    beforeSend: (call, effects) => monitoring.beforeSend(call, effects),
    listStates: fleet.prober.listStates,
    now: clock.now,
    outputs,
    clock,
    maxOpen: capacity.maxCalls,
    collect: collectGarbage,
  }).map((tool) => limitTimeout(hideSecrets(tool, redact), maxTimeoutOf));
  const live = createLiveState(configuration, {
    ...options,
    tools,
    onGone: (principals) => {
      endCallsOf(principals, server.calls);
      outputs.forget(principals);
      recording?.onGone(principals);
    },
    // Some of what is kept can come from hosts that they may not read any more.
    onNarrowed: outputs.forget,
    ...(recording && { onReload: recording.onReload }),
  });
  const profiles = createProfiles({ outputs, clock, settings: settings.answers });
  const toolsOf = (state: HubState, principal: string, results: ResultProfile | null) =>
    profiles(state.access.toolsFor(principal), results ?? resultsOf(principal, state));
  const monitoring = startMonitoring({
    settings,
    registry,
    fleet,
    trail: options.trail,
    tools,
    redact,
    stop: program.stop,
  });
  const server = createServer({
    name: settings.name,
    version: VERSION,
    instructions: INSTRUCTIONS,
    tools: (principal, results) => toolsOf(live.current(), principal, results),
    log: log.error,
    onCall: function onCall(call) {
      monitoring.onCall(call);
      recording?.onCall(call);
    },
    maxCalls: capacity.maxCalls,
    answers,
    pause,
    claimantOf,
    clock,
  });
  const authenticate: Authenticator = (request) => live.current().authenticate(request);
  const site = recording &&
    createLazySite({ state: live.current, fleet, recording, server, authenticate, clock, log });
  const unfollow = follow(live, options);
  const hostKeys = warnOfHostKeys(configuration, log);
  return {
    server,
    clock,
    authenticate,
    routes: monitoring.routes,
    ...(site && { createSite: site.create }),
    close: async () => {
      capacity[Symbol.dispose]();
      await Promise.all([unfollow(), hostKeys, site?.close()]);
      await fleet.close();
      await monitoring.close();
      clock[Symbol.dispose]();
    },
  };
}

/** What a principal gets that does not ask for a profile. */
function resultsOf(principal: string, { configuration }: HubState): ResultProfile {
  const { settings, registry } = configuration;
  return registry.clients.get(principal)?.results ?? settings.results;
}

/** Whoever is no longer accepted gets no more answers. */
function endCallsOf(principals: readonly string[], { list, end }: OperatedCalls): void {
  for (const { id, principal } of list()) {
    if (principals.includes(principal)) end(id);
  }
}

/** Reloads when files change and when asked to; returns the function that ends this. */
function follow(
  { findChange, reload }: LiveState,
  { log, program: { onReload } }: HubOptions,
): () => Promise<void> {
  const closing = new AbortController();
  const watching = watchConfiguration({
    findChange,
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

/** Said in the log once it is known, which the start does not wait for. */
async function warnOfHostKeys({ settings, registry }: Configuration, log: Logger): Promise<void> {
  const client = createSshClient(settings, () => registry);
  if (
    [...registry.hosts.values()].some(usesSsh) && !await canWriteKnownHosts(spawnProcess, client)
  ) {
    log.warn(KNOWN_HOSTS_WARNING);
  }
}
