import { freePort } from "./free_port.ts";

/** A hub of a run. */
export interface DevHub {
  readonly port: number;
  /** Private directory for ssh's control sockets. */
  readonly controlDirectory: string;
}

/** What `deno task dev` keeps between runs, and the registry that it writes for its hubs. */
export interface DevState extends AsyncDisposable {
  /** Private directory of what is kept. */
  readonly directory: string;
  /** The one on the port that was asked for, and perhaps another. */
  readonly hubs: readonly DevHub[];
  /** File with the hubs' inbound token, mode 0600. */
  readonly hubTokenFile: string;
  /** File with the agent's token, mode 0600. */
  readonly agentTokenFile: string;
  /** Port for the agent. */
  readonly agentPort: number;
  /** The user's registry, which need not exist. */
  readonly hostsFile: string;
  /** Whether `hostsFile` has a host `local` itself, which then is not this machine's agent. */
  readonly hasOwnLocal: boolean;
  /** The hubs' registry: what `hostsFile` holds, and the host `local`. */
  readonly registry: string;
  /** Whether the agent is reached through NATS, and not at its port. */
  readonly usesNats: boolean;
}

/**
 * Creates what is missing. Tokens are kept from run to run; the registry belongs to this run, so
 * that runs with different ports do not disturb each other.
 */
export async function prepareState(
  root: string,
  { port, usesNats }: { readonly port: number; readonly usesNats: boolean },
): Promise<DevState> {
  const directory = `${root}.dev`;
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  // Beside hosts.toml, since paths of token files are relative to the registry.
  const registry = `${root}.dev-hosts-${port}.toml`;
  const hubs = await Promise.all((usesNats ? [port, freePort()] : [port]).map(prepareHub));
  const state = {
    directory,
    hubs,
    hubTokenFile: `${directory}/hub-token`,
    agentTokenFile: `${directory}/agent-token`,
    agentPort: freePort(),
    hostsFile: `${root}hosts.toml`,
    hasOwnLocal: namesLocal(await readIfThere(`${root}hosts.toml`)),
    registry,
    usesNats,
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(registry);
      for (const { controlDirectory } of hubs) {
        await Deno.remove(controlDirectory, { recursive: true });
      }
    },
  };
  await keepToken(state.hubTokenFile);
  await keepToken(state.agentTokenFile);
  await writeRegistry(state);
  return state;
}

async function prepareHub(port: number): Promise<DevHub> {
  return { port, controlDirectory: await Deno.makeTempDir({ prefix: "lmcp-" }) };
}

/** Writes the hubs' registry. The lines of `hosts.toml` keep their numbers. */
export async function writeRegistry(state: DevState): Promise<void> {
  const temporary = `${state.registry}.new`;
  await Deno.writeTextFile(temporary, await registryText(state), { mode: 0o600 });
  await Deno.rename(temporary, state.registry);
}

async function registryText(state: DevState): Promise<string> {
  const own = await readIfThere(state.hostsFile);
  if (namesLocal(own)) return own;
  return state.usesNats
    ? `${own}
[hosts.local]
nats = true
`
    : `${own}
[hosts.local]
lmcp_url = "http://127.0.0.1:${state.agentPort}/mcp"
token_file = "${state.agentTokenFile}"
`;
}

function namesLocal(registry: string): boolean {
  return /^\s*\[\s*hosts\s*\.\s*["']?local["']?\s*\]/m.test(registry);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function keepToken(path: string): Promise<void> {
  const token = crypto.randomUUID() + crypto.randomUUID();
  try {
    await Deno.writeTextFile(path, `${token}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
