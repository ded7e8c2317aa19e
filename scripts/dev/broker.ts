import { terminate } from "./terminate.ts";
import { freePort } from "./free_port.ts";

/** A nats-server on loopback, which has ended when this is disposed of. */
export interface Broker extends AsyncDisposable {
  /** What the agent and the hubs connect with: environment variables of both. */
  readonly env: Readonly<Record<string, string>>;
}

/** Says why there is no broker. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";
}

const USER = "dev";
const NOT_INSTALLED =
  "nats-server is not installed (on Debian: apt-get install nats-server); without --nats none is needed";

/**
 * Starts a nats-server that keeps its streams in `directory`. Whoever can publish there runs commands
 * as this user, so that it asks for a password even on loopback.
 *
 * @throws {BrokerError} where none is installed
 */
export async function startBroker(directory: string): Promise<Broker> {
  const port = freePort();
  const password = crypto.randomUUID() + crypto.randomUUID();
  const passwordFile = `${directory}/nats-password-${port}`;
  const configuration = `${directory}/nats-${port}.conf`;
  const store = await Deno.makeTempDir({ prefix: "lmcp-nats-" });
  const cleanUp = async () => {
    await Promise.all([Deno.remove(passwordFile), Deno.remove(configuration)]);
    await Deno.remove(store, { recursive: true });
  };
  await writePrivate(passwordFile, `${password}\n`);
  await writePrivate(configuration, configurationOf({ port, password, store }));
  try {
    const program = start(configuration);
    return {
      env: {
        LMCP_NATS_URL: `nats://127.0.0.1:${port}`,
        LMCP_NATS_USER: USER,
        LMCP_NATS_PASSWORD_FILE: passwordFile,
      },
      [Symbol.asyncDispose]: async () => {
        terminate(program);
        await program.status;
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error instanceof Deno.errors.NotFound ? new BrokerError(NOT_INSTALLED) : error;
  }
}

async function writePrivate(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
}

function configurationOf(
  { port, password, store }: {
    readonly port: number;
    readonly password: string;
    readonly store: string;
  },
): string {
  return `listen: 127.0.0.1:${port}
jetstream { store_dir: "${store}" }
authorization { user: ${USER}, password: "${password}" }
`;
}

/** In a group of its own, so that Ctrl-C reaches it by way of this program alone. */
function start(configuration: string): Deno.ChildProcess {
  return new Deno.Command("nats-server", {
    args: ["--config", configuration],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}
