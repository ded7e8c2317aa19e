import type { HubFlags } from "../config/settings.ts";
import { serveStdio } from "../mcp/stdio.ts";
import { openAuditTrail } from "../audit/trail.ts";
import { loadConfiguration } from "../config/load.ts";
import { configureHub } from "../hub/configure.ts";
import { openHub } from "../hub/open.ts";
import { EXIT, openLog, type Program } from "../hub/program.ts";

/** The standard streams, which only this mode uses raw. */
export interface StandardStreams {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
}

/** Serves the hub's tools over standard input and output until the input ends. */
export async function runStdio(
  flags: HubFlags,
  program: Program & { readonly streams: StandardStreams },
): Promise<number> {
  const configuration = await configureHub("stdio", flags, program);
  if (configuration === null) return EXIT.unusable;
  const { settings, registry } = configuration;
  const log = openLog(settings.log, program);
  const trail = await openAuditTrail({
    path: settings.auditPath,
    level: settings.log.level,
    log,
    ...program,
  });
  if (trail === null) return EXIT.unusable;
  const hub = await openHub(configuration, {
    load: () => loadConfiguration("stdio", flags, program),
    log,
    program,
    trail,
  });
  log.info("lmcp-hub is serving stdio", { registry: registry.path, hosts: registry.hosts.size });
  await serveStdio({
    server: hub.server,
    ...program.streams,
    principal: "stdio",
    signal: program.stop,
  });
  await hub.close();
  return EXIT.ok;
}
