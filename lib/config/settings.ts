import { type HubVariables, readAgentEnvironment, readHubEnvironment } from "./environment.ts";
import { type AgentFlags, type Loaded, loadServer, type ServerSettings } from "./server.ts";
import { type ConfigSources, fileExists } from "./sources.ts";
import { checkTrust } from "./trust.ts";
import { checkProbe, pinnedTimeouts } from "./waits.ts";
import {
  AGENT_ENVIRONMENT_PATH,
  CONTROL_DIRECTORIES,
  HUB_CONF_PATH,
  HUB_ENVIRONMENT_PATH,
  REGISTRY_PATHS,
} from "./variables.ts";
import { type Problem, settingError } from "../base/problem.ts";
import type { ResultProfile } from "../mcp/profile.ts";

/** What the command line sets for the hub; null: not given. */
export interface HubFlags extends AgentFlags {
  readonly registry: string | null;
  /** `--results`; beats LMCP_HUB_RESULTS. */
  readonly results: ResultProfile | null;
}

/** The hub's modes; they need different settings. */
export type HubMode = "serve" | "stdio" | "probe" | "check" | "import";

/** The agent's settings. */
export interface AgentSettings extends ServerSettings {
  /** File tools stay below this directory; `/`: no limit. */
  readonly root: string;
  /** Further files and folders that are kept from the file tools; absolute paths. */
  readonly denyPaths: readonly string[];
  /** Files that hold the inbound token or the key for TLS, as they are named. */
  readonly secretFiles: readonly string[];
  /** Private directory for claims, and for the logs of background commands. */
  readonly stateDirectory: string;
  /** Whether it serves over HTTP; else over NATS alone, and neither token nor TLS were read. */
  readonly listens: boolean;
  /** The host's name over NATS; null: the machine's. */
  readonly natsName: string | null;
  /** What it announces over NATS. */
  readonly tags: readonly string[];
}

/** How models are answered, if they do not say. */
export interface AnswerSettings {
  /** Characters of a text; 0: all. */
  readonly maxChars: number;
  /** How long a call may take before it is answered that it still runs; 0: for ever. */
  readonly waitMs: number;
}

/** How long the hub trusts what it knows of a host, in milliseconds. */
export interface ProbeSettings {
  readonly upMs: number;
  /** First wait before a DOWN host is probed again; doubles each time. */
  readonly downMinMs: number;
  readonly downMaxMs: number;
}

/** The hub-wide waits for hosts (`HostTimeouts` of the fleet), in milliseconds. */
export interface TimeoutSettings {
  readonly connectMs: number;
  readonly lmcpMs: number;
  readonly sshMs: number;
  readonly sshHardMs: number;
}

/** The hub's settings. */
export interface HubSettings extends ServerSettings {
  /** Whether clients come over HTTP; else neither inbound token nor TLS were read. */
  readonly listens: boolean;
  readonly transport: "http" | "stdio";
  readonly registryPath: string;
  /** What names the registry; null: nothing does, so it is the first default path that exists. */
  readonly registryNamedBy: "--registry" | "LMCP_HUB_BACKENDS" | null;
  readonly timeouts: TimeoutSettings;
  /** Those of `timeouts` that the environment sets: the registry's `[defaults]` yield to them. */
  readonly pinnedTimeouts: ReadonlySet<keyof TimeoutSettings>;
  readonly probe: ProbeSettings;
  /** Configuration file for ssh; null: the user's own. */
  readonly sshConfig: string | null;
  /** Where ssh's control sockets may be kept, in order of preference. */
  readonly controlDirectories: readonly string[];
  /** How many ssh sessions may wait for calls. */
  readonly sshSpares: number;
  /** What clients get that ask for no profile. */
  readonly results: ResultProfile;
  /** How models are answered. */
  readonly answers: AnswerSettings;
  /** File to which JSON lines about each call are appended; null: they go to standard error. */
  readonly auditPath: string | null;
  /** Whether calls that change something are refused while that file cannot be written. */
  readonly auditRequired: boolean;
  /** Whether each of its lines has the hash of the one before. */
  readonly auditChained: boolean;
  /** Whether the metrics need no token. */
  readonly metricsPublic: boolean;
}

/** The hub's settings. */
export interface LoadedHub extends Loaded<HubSettings> {
  /** What is wrong as well if the registry names no clients, who have tokens of their own. */
  readonly unguarded: Problem | null;
}

/** Reads the hub's settings. A mode that does not listen reads neither inbound token nor TLS. */
export async function loadHubSettings(
  inputs: ConfigSources & { readonly mode: HubMode; readonly flags: HubFlags },
): Promise<LoadedHub> {
  const { mode, flags } = inputs;
  const env = withArgumentPort(inputs, flags);
  const { variables, problems } = readHubEnvironment(env);
  const transport = mode === "stdio" ? "stdio" : variables.LMCP_TRANSPORT;
  const listens = transport === "http" && mode !== "probe" && mode !== "import";
  const server = await loadServer({ variables, problems }, {
    ...inputs,
    conf: variables.LMCP_HUB_CONF,
    confVariable: "LMCP_HUB_CONF",
    defaultConf: HUB_CONF_PATH,
    listens,
    servesItsUser: false,
  });
  const probe = {
    upMs: variables.LMCP_HUB_PROBE_TTL,
    downMinMs: variables.LMCP_HUB_PROBE_TTL_DOWN_MIN,
    downMaxMs: variables.LMCP_HUB_PROBE_TTL_DOWN_MAX,
  };
  const settingsFiles = [
    [HUB_ENVIRONMENT_PATH, null],
    [variables.LMCP_HUB_SSH_CONFIG, "LMCP_HUB_SSH_CONFIG"],
    [variables.LMCP_HUB_AUDIT, "LMCP_HUB_AUDIT"],
  ] as const;
  return {
    settings: {
      ...server.settings,
      listens,
      transport,
      registryPath: flags.registry ?? variables.LMCP_HUB_BACKENDS ?? await findRegistry(inputs),
      registryNamedBy: flags.registry !== null
        ? "--registry"
        : variables.LMCP_HUB_BACKENDS === undefined
        ? null
        : "LMCP_HUB_BACKENDS",
      timeouts: {
        connectMs: variables.LMCP_HUB_CONNECT_TIMEOUT,
        lmcpMs: variables.LMCP_HUB_LMCP_TIMEOUT,
        sshMs: variables.LMCP_HUB_SSH_TIMEOUT,
        sshHardMs: variables.LMCP_HUB_SSH_HARD_TIMEOUT,
      },
      pinnedTimeouts: pinnedTimeouts(env),
      probe,
      sshConfig: variables.LMCP_HUB_SSH_CONFIG ?? null,
      controlDirectories: variables.LMCP_HUB_CONTROL_DIR === undefined
        ? CONTROL_DIRECTORIES
        : [variables.LMCP_HUB_CONTROL_DIR],
      sshSpares: variables.LMCP_HUB_SSH_SPARES,
      results: flags.results ?? variables.LMCP_HUB_RESULTS,
      answers: { maxChars: variables.LMCP_HUB_MAX_CHARS, waitMs: variables.LMCP_HUB_WAIT },
      auditPath: variables.LMCP_HUB_AUDIT ?? null,
      auditRequired: variables.LMCP_HUB_AUDIT_REQUIRED,
      auditChained: variables.LMCP_HUB_AUDIT_CHAIN,
      metricsPublic: variables.LMCP_METRICS_PUBLIC,
    },
    problems: [
      ...server.problems,
      ...checkProbe(probe),
      ...checkChain(variables),
      ...await checkTrust(settingsFiles, inputs),
    ],
    unguarded: server.unguarded,
  };
}

/** Lines on standard error have none, since others write between them. */
function checkChain(
  { LMCP_HUB_AUDIT_CHAIN: isChained, LMCP_HUB_AUDIT: path }: HubVariables,
): Problem[] {
  return isChained && path === undefined
    ? [settingError("LMCP_HUB_AUDIT_CHAIN", "needs a file: set LMCP_HUB_AUDIT, too")]
    : [];
}

/** Reads the agent's settings. */
export async function loadAgentSettings(
  inputs: ConfigSources & { readonly flags: AgentFlags },
): Promise<Loaded<AgentSettings>> {
  const env = withArgumentPort(inputs, inputs.flags);
  const environment = readAgentEnvironment(env);
  const { variables } = environment;
  const { flags } = inputs;
  const listens = !env("LMCP_NATS_URL") || flags.port !== null ||
    flags.bind !== null || Boolean(env("LMCP_PORT") || env("LMCP_HOST"));
  const server = await loadServer(environment, {
    ...inputs,
    conf: variables.LMCP_CONF,
    confVariable: "LMCP_CONF",
    defaultConf: null,
    listens,
    servesItsUser: true,
  });
  return {
    settings: {
      ...server.settings,
      root: variables.LMCP_ROOT,
      denyPaths: variables.LMCP_DENY_PATHS ?? [],
      secretFiles: [
        variables.LMCP_TOKEN_FILE,
        variables.LMCP_CONF,
        variables.LMCP_TLS_KEY,
        variables.LMCP_NATS_CREDS,
        variables.LMCP_NATS_NKEY,
        variables.LMCP_NATS_PASSWORD_FILE,
        variables.LMCP_NATS_KEY,
      ].filter((path) => path !== undefined),
      stateDirectory: variables.LMCP_STATE_DIR,
      listens,
      natsName: variables.LMCP_NATS_NAME ?? null,
      tags: variables.LMCP_TAGS ?? [],
    },
    problems: [
      ...server.problems,
      ...await checkRoot(variables.LMCP_ROOT, inputs),
      ...server.unguarded === null ? [] : [server.unguarded],
      ...await checkTrust([[AGENT_ENVIRONMENT_PATH, null]], inputs),
    ],
  };
}

/** Below a directory that does not exist file tools could do nothing. */
async function checkRoot(root: string, sources: ConfigSources): Promise<Problem[]> {
  return root === "/" || await fileExists(root, sources)
    ? []
    : [settingError("LMCP_ROOT", `there is no directory "${root}"`)];
}

/** The argument PORT counts where LMCP_PORT is not set. */
function withArgumentPort(sources: ConfigSources, flags: AgentFlags): ConfigSources["env"] {
  const argument = flags.argumentPort?.toString();
  return (name) => sources.env(name) || (name === "LMCP_PORT" ? argument : undefined);
}

async function findRegistry(sources: ConfigSources): Promise<string> {
  for (const path of REGISTRY_PATHS) {
    if (await fileExists(path, sources)) return path;
  }
  return REGISTRY_PATHS[0];
}
