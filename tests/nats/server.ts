import { findFile, startDaemon } from "../daemon.ts";
import { freePort } from "../free_port.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";
import { terminate } from "../../scripts/dev/terminate.ts";

/** A real nats-server on loopback. */
export interface TestNats extends AsyncDisposable {
  readonly port: number;
  /** Value of `LMCP_NATS_URL`. */
  readonly url: string;
  /** To reach it without credentials. */
  readonly settings: NatsSettings;
  readonly directory: string;
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Starts it again on its port, after `kill()`. */
  readonly start: () => Promise<void>;
  /** Suspends the process, or lets it go on: its connections stay, and are silent. */
  readonly pause: (signal: "SIGSTOP" | "SIGCONT") => void;
}

/** Options of `startNats()`. */
export interface TestNatsOptions {
  /** Whether to offer JetStream, in a directory of its own. */
  readonly jetStream?: boolean;
  /** Further lines of its configuration. */
  readonly config?: readonly string[];
  /** Default: 127.0.0.1. */
  readonly address?: string;
}

/** Path of nats-server, or null where it is not installed. Tests that need it are ignored then. */
export const NATS_SERVER = findFile([
  "/usr/sbin/nats-server",
  "/usr/local/bin/nats-server",
  "/usr/bin/nats-server",
]);

/** How to reach a server of this address without credentials. */
export function plainSettings(server: string): NatsSettings {
  return {
    servers: [server],
    needsTls: false,
    credentials: null,
    seed: null,
    user: null,
    password: null,
    ca: null,
    cert: null,
    key: null,
  };
}

/** Starts a real nats-server on a free port. */
export async function startNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { address = "127.0.0.1", jetStream = false, config = [] } = options;
  const directory = await Deno.makeTempDir({ prefix: "nats-" });
  const port = freePort();
  const path = `${directory}/server.conf`;
  await Deno.writeTextFile(
    path,
    [
      `listen: "${address}:${port}"`,
      ...jetStream ? [`jetstream { store_dir: "${directory}/store" }`] : [],
      ...config,
      "",
    ].join("\n"),
  );
  let server = await startServer(path, { address, port });
  const kill = async () => {
    terminate(server, "SIGKILL");
    await server.status;
  };
  return {
    port,
    url: `nats://${address}:${port}`,
    settings: plainSettings(`${address}:${port}`),
    directory,
    kill,
    start: async () => {
      server = await startServer(path, { address, port });
    },
    pause: (signal) => server.kill(signal),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function startServer(
  config: string,
  place: { readonly address: string; readonly port: number },
): Promise<Deno.ChildProcess> {
  return startDaemon({ program: NATS_SERVER ?? "nats-server", args: ["-c", config], ...place });
}
