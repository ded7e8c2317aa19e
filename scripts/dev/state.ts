/** What `deno task dev` keeps between runs, and the registry that it writes for its hub. */
export interface DevState {
  /** File with the hub's inbound token, mode 0600. */
  readonly hubTokenFile: string;
  /** File with the agent's token, mode 0600. */
  readonly agentTokenFile: string;
  /** Port for the agent. */
  readonly agentPort: number;
  /** The hub's registry: the hosts of `hosts.toml`, if there is one, and the host `local`. */
  readonly registry: string;
  /** Private directory for ssh's control sockets. */
  readonly controlDirectory: string;
  /** Private directory for the agent's background logs. */
  readonly agentDirectory: string;
}

/** Creates what is missing. Tokens are kept from run to run. */
export async function prepareState(root: string): Promise<DevState> {
  const directory = `${root}.dev`;
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  const state = {
    hubTokenFile: `${directory}/hub-token`,
    agentTokenFile: `${directory}/agent-token`,
    agentPort: freePort(),
    registry: `${root}.dev-hosts.toml`,
    controlDirectory: await Deno.makeTempDir({ prefix: "lmcp-" }),
    agentDirectory: directory,
  };
  await keepToken(state.hubTokenFile);
  await keepToken(state.agentTokenFile);
  // In the folder of hosts.toml, because paths of token files are relative to the registry.
  await Deno.writeTextFile(state.registry, await registryText(root, state), { mode: 0o600 });
  return state;
}

async function registryText(root: string, state: DevState): Promise<string> {
  const own = await readIfThere(`${root}hosts.toml`);
  if (/^\s*\[\s*hosts\s*\.\s*["']?local["']?\s*\]/m.test(own)) return own;
  return `${own}
[hosts.local]
lmcp_url = "http://127.0.0.1:${state.agentPort}/mcp"
token_file = "${state.agentTokenFile}"
`;
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

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
