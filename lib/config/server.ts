import type { AgentVariables, Environment, HubVariables } from "./environment.ts";
import { checkBind, findExposure } from "./exposure.ts";
import { loadNats } from "./nats/load.ts";
import type { ConfigSources } from "./sources.ts";
import { loadInboundToken } from "./token.ts";
import { loadTls, type TlsPaths } from "./tls.ts";
import { hasError, type Problem } from "../base/problem.ts";
import type { Secret } from "../base/secret.ts";
import type { NatsSettings } from "../nats/settings.ts";

/** What the command line sets for the agent; null: not given. */
export interface AgentFlags {
  /** `--port`; beats LMCP_PORT. */
  readonly port: number | null;
  /** The argument PORT; LMCP_PORT beats it, as in the Lua hub. */
  readonly argumentPort: number | null;
  readonly bind: string | null;
  /** Warnings and errors only. */
  readonly quiet: boolean;
}

/** How to log. */
export interface LogSettings {
  readonly format: "text" | "json";
  readonly level: "error" | "warn" | "info" | "debug";
}

/** The settings of a program that serves MCP. */
export interface ServerSettings {
  /** Server name reported to clients. */
  readonly name: string;
  /** Address to listen on. */
  readonly bind: string;
  /** Port to listen on; 0: any free one. */
  readonly port: number;
  /** Inbound bearer token; null: none is required (and `bind` is loopback). */
  readonly token: Secret | null;
  /** Further names accepted in `Host` and `Origin`: lower case, no port. */
  readonly allowedHosts: readonly string[];
  /** PEM files; null: plain HTTP. */
  readonly tls: TlsPaths | null;
  readonly log: LogSettings;
  /** How to reach NATS; null: it is not used. */
  readonly nats: NatsSettings | null;
}

/** Settings and all that is wrong with them; with an error among the problems, do not use them. */
export interface Loaded<Settings> {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
}

/** What the settings of either program are read from. */
export interface ServerInputs extends ConfigSources {
  readonly flags: AgentFlags;
  readonly conf: string | undefined;
  readonly confVariable: string;
  readonly defaultConf: string | null;
  readonly listens: boolean;
  /** Whether whoever calls may do all that the program's user may. */
  readonly servesItsUser: boolean;
}

/** Reads the settings that hub and agent share. */
export async function loadServer(
  { variables, problems }: Environment<HubVariables | AgentVariables>,
  inputs: ServerInputs,
): Promise<Loaded<ServerSettings> & { readonly unguarded: Problem | null }> {
  const { flags, listens } = inputs;
  const bind = flags.bind ?? variables.LMCP_HOST;
  const inbound = listens
    ? await loadInboundToken({ ...inputs, tokenFile: variables.LMCP_TOKEN_FILE }, inputs)
    : { token: null, problems: [] };
  const tls = listens
    ? await loadTls({ cert: variables.LMCP_TLS_CERT, key: variables.LMCP_TLS_KEY }, inputs)
    : { tls: null, problems: [] };
  const nats = await loadNats(variables, inputs);
  const bindProblems = listens ? await checkBind({ bind, flags }, inputs) : [];
  const isOpen = listens && inbound.token === null &&
    !hasError([...inbound.problems, ...bindProblems]);
  const allowedHosts = variables.LMCP_ALLOWED_HOSTS ?? [];
  const settings = {
    name: variables.LMCP_NAME,
    bind,
    port: flags.port ?? variables.LMCP_PORT,
    token: inbound.token,
    allowedHosts,
    tls: tls.tls,
    log: {
      format: variables.LMCP_LOG,
      level: flags.quiet && variables.LMCP_LOG_LEVEL !== "error"
        ? "warn"
        : variables.LMCP_LOG_LEVEL,
    },
    nats: nats.nats,
  } as const;
  return {
    settings,
    problems: [
      ...problems,
      ...bindProblems,
      ...inbound.problems,
      ...tls.problems,
      ...nats.problems,
    ],
    unguarded: isOpen
      ? findExposure({
        bind,
        flags,
        allowedHosts,
        isRoot: inputs.servesItsUser && inputs.uid() === 0,
        isMeant: variables.LMCP_WITHOUT_TOKEN,
      })
      : null,
  };
}
