import type { JsonObject } from "../../../lib/mcp/message.ts";
import { programCommand } from "../../compile/program.ts";
import { type CallAnswer, callTool } from "../../e2e/client.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { type Restartable, startRestartable } from "./restartable.ts";

/** Whoever signs in, or calls a tool. */
export interface Caller {
  readonly token: string;
}

/** May do everything. */
export const OPERATOR: Caller = { token: "token-of-the-operator" };

/** Sees `alpha` alone, and may not end jobs. */
export const CLIENT = {
  name: "ci",
  token: "token-of-the-client",
  hosts: ["alpha"],
  tools: ["remote_list_hosts", "remote_shell", "remote_shell_bg", "remote_jobs", "remote_output"],
} as const satisfies Caller & Readonly<Record<string, unknown>>;

/** A host of the registry. */
export interface FleetHost {
  readonly name: string;
  readonly tags?: readonly string[];
  /** Its backend; absent: an agent of its own is started. */
  readonly url?: string;
}

/** What differs from a fleet of two agents. */
export interface FleetOptions {
  /** Default: `alpha` and `beta`, an agent each. */
  readonly hosts?: readonly FleetHost[];
  /** The hub's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Whether nobody needs a token; default: no. */
  readonly isOpen?: boolean;
}

/** A real hub with real agents. */
export interface Fleet extends AsyncDisposable {
  /** The hub's, without a final slash. */
  readonly origin: string;
  /** Private; what is in it goes with the fleet. */
  readonly directory: string;
  readonly hub: Restartable;
  /** The agent of a host. */
  readonly agent: (name: string) => Restartable;
  /** Calls a tool, as the operator unless somebody else is named. */
  readonly call: (
    tool: string,
    args: JsonObject,
    options?: Partial<Caller> & { readonly signal?: AbortSignal },
  ) => Promise<CallAnswer>;
}

const TWO_AGENTS: readonly FleetHost[] = [
  { name: "alpha", tags: ["lab"] },
  { name: "beta", tags: ["lab", "gpu"] },
];

/** States are soon looked up again. */
const QUICK_PROBES = {
  LMCP_HUB_PROBE_TTL: "1",
  LMCP_HUB_PROBE_TTL_DOWN_MIN: "1",
  LMCP_HUB_PROBE_TTL_DOWN_MAX: "1",
};

/** Starts the hub on a free port, with an inbound token, the client if it has a host, and the agents. */
export async function startFleet(
  { hosts = TWO_AGENTS, env = {}, agentEnv = {}, isOpen = false }: FleetOptions = {},
): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "fleet-" });
  stack.defer(() => removeDirectory(directory));
  const agents = new Map<string, Restartable>();
  await Promise.all(
    hosts.filter(({ url }) => url === undefined).map(async ({ name }) => {
      const cwd = `${directory}/${name}`;
      await Deno.mkdir(cwd);
      const command = (port: number) =>
        programCommand("agent", ["--agent", "--port", String(port)], { cwd, env: agentEnv });
      agents.set(name, stack.use(await startRestartable(command)));
    }),
  );
  const registry = `${directory}/hosts.toml`;
  const urlOf = (name: string) => agents.get(name)?.url;
  await Deno.writeTextFile(registry, registryOf(hosts, urlOf) + (isOpen ? "" : clientOf(hosts)), {
    mode: 0o600,
  });
  const hub = stack.use(
    await startRestartable((port) =>
      programCommand("hub", ["--registry", registry, "--port", String(port)], {
        cwd: directory,
        env: {
          LMCP_HUB_CONF: "",
          ...(isOpen ? {} : { LMCP_TOKEN: OPERATOR.token }),
          ...QUICK_PROBES,
          ...env,
        },
      })
    ),
  );
  const owned = stack.move();
  return {
    origin: new URL(hub.url).origin,
    directory,
    hub,
    agent: (name) => {
      const agent = agents.get(name);
      if (agent === undefined) throw new TypeError(`"${name}" has no agent`);
      return agent;
    },
    call: (tool, args, { token = OPERATOR.token, signal } = {}) =>
      callTool(hub.url, {
        tool,
        args,
        headers: { authorization: `Bearer ${token}` },
        ...(signal && { signal }),
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The registry as TOML. JSON's texts and lists are TOML's, too. */
function registryOf(
  hosts: readonly FleetHost[],
  urlOf: (name: string) => string | undefined,
): string {
  return hosts.map(({ name, tags = [], url = urlOf(name) }) =>
    `[hosts.${name}]\nlmcp_url = ${JSON.stringify(url)}\ntags = ${JSON.stringify(tags)}\n`
  ).join("\n");
}

/** The client's part of a registry; nothing where its host is not. */
function clientOf(hosts: readonly FleetHost[]): string {
  if (!hosts.some(({ name }) => name === CLIENT.hosts[0])) return "";
  const { name, ...rights } = CLIENT;
  const own = Object.entries(rights).map(([field, value]) => `${field} = ${JSON.stringify(value)}`);
  return [`[clients.${name}]`, ...own, ""].join("\n");
}
