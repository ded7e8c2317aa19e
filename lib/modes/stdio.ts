import { type Configuration, loadConfiguration } from "../config/load.ts";
import type { HubFlags } from "../config/settings.ts";
import { configureHub } from "../hub/configure.ts";
import { openHub } from "../hub/open.ts";
import { EXIT, openLog, type Program } from "../hub/program.ts";
import { logUnhandledErrors } from "../hub/unhandled.ts";
import { serveStdio } from "../mcp/stdio.ts";
import { openTrail } from "./open_trail.ts";

/** The standard streams, which only this mode uses raw. */
export interface StandardStreams {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
}

/** What a hub on the standard streams is started with. */
interface StdioInputs {
  readonly flags: HubFlags;
  readonly program: Program & { readonly streams: StandardStreams };
}

/** `--stdio`: serves the hub's tools over standard input and output until the input ends. */
export async function runStdio(
  flags: HubFlags,
  program: StdioInputs["program"],
): Promise<number> {
  const configuration = await configureHub("stdio", flags, program);
  if (configuration === null) return EXIT.unusable;
  return await serveStandardStreams(configuration, { flags, program });
}

/** What a package prints on standard output would be read as a message of the protocol. */
function keepOutputForMessages(): void {
  console.log = console.info = console.debug = console.error;
}

/** Serves a hub over standard input and output until the input ends. */
export async function serveStandardStreams(
  configuration: Configuration,
  { flags, program }: StdioInputs,
): Promise<number> {
  keepOutputForMessages();
  const { settings, registry } = configuration;
  const log = openLog(settings.log, program);
  using _unhandled = logUnhandledErrors(log);
  const trail = await openTrail(settings, { log, program });
  if (trail === null) return EXIT.unusable;
  const hub = await openHub(configuration, {
    load: (context) => loadConfiguration("stdio", flags, program, context),
    log,
    program,
    trail,
  });
  try {
    log.info("lmcp-hub is serving stdio", { registry: registry.path, hosts: registry.hosts.size });
    await serveStdio({
      server: hub.server,
      ...program.streams,
      principal: "stdio",
      signal: program.stop,
    });
    return EXIT.ok;
  } finally {
    await hub.close();
  }
}
