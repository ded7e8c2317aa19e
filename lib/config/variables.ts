/** The programs that this code base is compiled into: `lmcp-hub` and `lmcp-agent`. */
export type Role = "hub" | "agent";

/** An environment variable that the hub or the agent reads. */
export interface EnvironmentVariable {
  readonly name: string;
  /** One line for `--help` and the README. */
  readonly meaning: string;
  /** The hub's default; null: none; absent: the hub does not read it. */
  readonly hub?: string | null;
  /** The agent's default; null: none; absent: the agent does not read it. */
  readonly agent?: string | null;
}

/** Where the hub looks for its registry when nothing names one; the first that exists counts. */
export const REGISTRY_PATHS = [
  "/etc/lmcp-hub/hosts.toml",
  "/opt/herding/etc/hub-backends.conf",
] as const;

/**
 * Where the hub keeps ssh's control sockets: the first that is, or can be made, its user's own. A
 * place in `$XDG_RUNTIME_DIR` or the home would have another path for each user, and so cannot be in
 * the permissions of a compiled hub: with all of `/run/user` it could reach that user's systemd.
 */
export const CONTROL_DIRECTORIES = ["/run/lmcp-hub", "/tmp/lmcp-hub"] as const;

/** The hub's legacy configuration file; it need not exist. */
export const HUB_CONF_PATH = "/opt/herding/etc/lmcp-hub.conf";

/** The files of variables that the services read at their start. */
export const HUB_ENVIRONMENT_PATH = "/etc/lmcp-hub/environment";
export const AGENT_ENVIRONMENT_PATH = "/etc/lmcp-agent/environment";

/**
 * Every environment variable that the hub and the agent read, except those that a registry names
 * by `token_env` (`LMCP_…` too). `--help`, the README and the permissions derive from it.
 */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  {
    name: "LMCP_HUB_BACKENDS",
    meaning: `registry file; else the first that exists of ${REGISTRY_PATHS.join(", ")}`,
    hub: null,
  },
  {
    name: "LMCP_HUB_CONF",
    meaning: `legacy conf, line ".godparticle = TOKEN": the inbound token; else ${HUB_CONF_PATH}`,
    hub: null,
  },
  {
    name: "LMCP_CONF",
    meaning: 'legacy conf, line ".godparticle = TOKEN": the inbound token',
    agent: null,
  },
  { name: "LMCP_TOKEN", meaning: "inbound bearer token", hub: null, agent: null },
  {
    name: "LMCP_TOKEN_FILE",
    meaning: "file that holds the inbound bearer token; not both this and LMCP_TOKEN",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_WITHOUT_TOKEN",
    meaning:
      "1: serve without a token in spite of LMCP_ALLOWED_HOSTS, or as an agent that runs as root",
    hub: "0",
    agent: "0",
  },
  {
    name: "LMCP_NAME",
    meaning: "server name reported to clients",
    hub: "hub-tools",
    agent: "lmcp-agent",
  },
  {
    name: "LMCP_PORT",
    meaning: "port to listen on, 0 for any free one; beats the argument PORT; an agent with " +
      "LMCP_NATS_URL listens only if this, the argument or LMCP_HOST is set",
    hub: "8090",
    agent: "8080",
  },
  {
    name: "LMCP_HOST",
    meaning: "address to listen on; one that is not loopback needs callers to have tokens",
    hub: "127.0.0.1",
    agent: "127.0.0.1",
  },
  {
    name: "LMCP_ALLOWED_HOSTS",
    meaning: "further names accepted in Host and Origin, by comma (behind a reverse proxy)",
    hub: null,
    agent: null,
  },
  { name: "LMCP_TLS_CERT", meaning: "certificate chain, a PEM file", hub: null, agent: null },
  { name: "LMCP_TLS_KEY", meaning: "key of LMCP_TLS_CERT, a PEM file", hub: null, agent: null },
  {
    name: "LMCP_NATS_URL",
    meaning: "NATS servers to connect to, nats://HOST:PORT or tls://HOST:PORT, several by comma",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_NATS_CREDS",
    meaning: "credentials file for NATS (a JWT and its key)",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_NATS_NKEY",
    meaning: "file with the seed of a key for NATS, which --nats-key makes",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_NATS_USER",
    meaning: "user name for NATS, where there is neither of these files",
    hub: null,
    agent: null,
  },
  { name: "LMCP_NATS_PASSWORD", meaning: "password of LMCP_NATS_USER", hub: null, agent: null },
  {
    name: "LMCP_NATS_PASSWORD_FILE",
    meaning: "file that holds that password; not both this and LMCP_NATS_PASSWORD",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_NATS_CA",
    meaning: "certificates that vouch for the NATS servers, a PEM file; else the system's",
    hub: null,
    agent: null,
  },
  {
    name: "LMCP_NATS_CERT",
    meaning: "certificate to show to the NATS servers, a PEM file",
    hub: null,
    agent: null,
  },
  { name: "LMCP_NATS_KEY", meaning: "key of LMCP_NATS_CERT, a PEM file", hub: null, agent: null },
  {
    name: "LMCP_NATS_NAME",
    meaning: "the name that the hub knows this host by; else the machine's host name",
    agent: null,
  },
  {
    name: "LMCP_TAGS",
    meaning: "tags that the agent announces over NATS, by comma",
    agent: null,
  },
  { name: "LMCP_TRANSPORT", meaning: "http, or stdio (the same as --stdio)", hub: "http" },
  { name: "LMCP_LOG", meaning: "form of the log: text or json", hub: "text", agent: "text" },
  {
    name: "LMCP_LOG_LEVEL",
    meaning: "least severe level that is logged: error, warn, info or debug",
    hub: "info",
    agent: "info",
  },
  { name: "LMCP_ROOT", meaning: "file tools stay below this directory", agent: "/" },
  {
    name: "LMCP_DENY_PATHS",
    meaning: "files and folders that are kept from the file tools, absolute paths by colon",
    agent: null,
  },
  {
    name: "LMCP_STATE_DIR",
    meaning: "private directory for claims and jobs",
    agent: "/var/lib/lmcp-agent",
  },
  {
    name: "LMCP_HUB_PROBE_TTL",
    meaning: "seconds an UP state is trusted",
    hub: "30",
  },
  {
    name: "LMCP_HUB_PROBE_TTL_DOWN_MIN",
    meaning: "seconds before a DOWN host is probed again, doubling each time",
    hub: "30",
  },
  {
    name: "LMCP_HUB_PROBE_TTL_DOWN_MAX",
    meaning: "longest of these waits, seconds",
    hub: "300",
  },
  {
    name: "LMCP_HUB_CONNECT_TIMEOUT",
    meaning: "seconds to reach a backend's port",
    hub: "3",
  },
  {
    name: "LMCP_HUB_LMCP_TIMEOUT",
    meaning: "seconds a backend may take to answer; a shell call's own timeout is added",
    hub: "6",
  },
  { name: "LMCP_HUB_SSH_TIMEOUT", meaning: "ssh's ConnectTimeout, seconds", hub: "10" },
  {
    name: "LMCP_HUB_SSH_HARD_TIMEOUT",
    meaning: "wall-clock cap of an ssh call other than shell, seconds",
    hub: "30",
  },
  {
    name: "LMCP_HUB_SSH_CONFIG",
    meaning: "configuration file for ssh, instead of the user's ~/.ssh/config",
    hub: null,
  },
  {
    name: "LMCP_HUB_CONTROL_DIR",
    meaning: `private directory for ssh's sockets; else the first usable of ${
      CONTROL_DIRECTORIES.join(", ")
    }`,
    hub: null,
  },
  {
    name: "LMCP_HUB_SSH_SPARES",
    meaning: "ssh sessions that are kept open for the next call, in all, one a host; 0: none",
    hub: "32",
  },
  {
    name: "LMCP_HUB_RESULTS",
    meaning: "what clients get that ask for neither: text, or structured (fields for programs) too",
    hub: "text",
  },
  {
    name: "LMCP_HUB_MAX_CHARS",
    meaning: "characters of a text answer, a longer one is cut in the middle; 0: never",
    hub: "30000",
  },
  {
    name: "LMCP_HUB_WAIT",
    meaning: 'seconds until a text answer says "still running", while the call goes on; 0: never',
    hub: "45",
  },
  {
    name: "LMCP_HUB_AUDIT",
    meaning: "file to which JSON lines about each call are appended",
    hub: null,
  },
  {
    name: "LMCP_HUB_AUDIT_REQUIRED",
    meaning: "0: calls that change something go on while LMCP_HUB_AUDIT cannot be written",
    hub: "1",
  },
  {
    name: "LMCP_HUB_AUDIT_CHAIN",
    meaning: "1: each line of LMCP_HUB_AUDIT has the hash of the one before, for --check --audit",
    hub: "0",
  },
  {
    name: "LMCP_METRICS_PUBLIC",
    meaning: "1: the metrics need no token",
    hub: "0",
  },
];
