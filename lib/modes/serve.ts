import type { Logger } from "../base/log.ts";
import { VERSION } from "../base/version.ts";
import { asksForToken, type Configuration, loadConfiguration } from "../config/load.ts";
import type { HubFlags } from "../config/settings.ts";
import { ServeError, serveHttp } from "../http/listen.ts";
import { configureHub } from "../hub/configure.ts";
import { openHub } from "../hub/open.ts";
import { complain, EXIT, openLog, type Program } from "../hub/program.ts";
import { logUnhandledErrors } from "../hub/unhandled.ts";
import { openTrail } from "./open_trail.ts";
import { serveStandardStreams, type StandardStreams } from "./stdio.ts";

/**
 * Serves the hub's tools until the program is asked to stop: over HTTP, or over the standard streams
 * if LMCP_TRANSPORT says so. Returns the exit status.
 */
export async function runServe(
  flags: HubFlags,
  program: Program & { readonly streams: StandardStreams },
): Promise<number> {
  const configuration = await configureHub("serve", flags, program);
  if (configuration === null) return EXIT.unusable;
  switch (configuration.settings.transport) {
    case "stdio":
      return await serveStandardStreams(configuration, { flags, program });
    case "http":
      return await serveEndpoint(configuration, { flags, program });
  }
}

async function serveEndpoint(
  configuration: Configuration,
  { flags, program }: { readonly flags: HubFlags; readonly program: Program },
): Promise<number> {
  const { settings } = configuration;
  const log = openLog(settings.log, program);
  using _unhandled = logUnhandledErrors(log);
  const trail = await openTrail(settings, { log, program });
  if (trail === null) return EXIT.unusable;
  const hub = await openHub(configuration, {
    // The address is bound by then: a resolver that fails must not keep a change from being applied.
    load: (context) =>
      loadConfiguration(
        "serve",
        flags,
        { ...program, canResolve: () => Promise.resolve(true) },
        context,
      ),
    log,
    program,
    trail,
  });
  try {
    await serveHttp({
      server: hub.server,
      clock: hub.clock,
      authenticate: hub.authenticate,
      oauth: hub.oauth,
      onDenied: trail.deny,
      routes: hub.routes,
      ...(hub.createSite && { createSite: hub.createSite }),
      settings,
      log,
      stop: program.stop,
      readTextFile: program.readTextFile,
      onListen: (url) => logListening(url, configuration, log),
    });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    complain(program, error.message);
    return EXIT.unusable;
  } finally {
    await hub.close();
  }
}

function logListening(url: string, configuration: Configuration, log: Logger): void {
  const { registry } = configuration;
  log.info("lmcp-hub is listening", {
    version: VERSION,
    url,
    registry: registry.path,
    hosts: registry.hosts.size,
    clients: registry.clients.size,
    auth: asksForToken(configuration) ? "on" : "off",
  });
}
