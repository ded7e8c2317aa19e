import { isTag, MAX_TAGS } from "../nats/presence.ts";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { ADDRESS_RULE, isAddress, parsePort, PORT_RULE } from "./address.ts";
import { parseNatsUrls } from "./nats/urls.ts";
import { findNameFault } from "./registry/address.ts";
import { isSeconds, SECONDS_RULE, toMs } from "./seconds.ts";
import { ENVIRONMENT, type Role } from "./variables.ts";
import { alternatives } from "../base/text/alternatives.ts";
import { RESULT_PROFILES } from "../mcp/profile.ts";
import { type Problem, settingError } from "../base/problem.ts";

/** As many ssh sessions as there may be at once, of which calls take those that they need. */
const MAX_SPARES = 64;

const quote = (input: unknown) => JSON.stringify(input);

/** A text that follows a rule; the rule's words follow "must be". */
function textThat(matches: (text: string) => boolean, rule: string) {
  return z.string().refine(matches, {
    error: ({ input }) => `must be ${rule}, not ${quote(input)}`,
  });
}

function isCount(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

function oneOf<const Name extends string>(...names: Name[]) {
  const rule = alternatives(names);
  return z.enum(names, { error: ({ input }) => `must be ${rule}, not ${quote(input)}` });
}

/** Lua's `tonumber` accepts hexadecimal digits, exponents and outer spaces too; so does `Number`. */
const milliseconds = textThat((text) => isSeconds(Number(text)), SECONDS_RULE)
  .transform((text) => toMs(Number(text)));

const millisecondsOrNone = textThat(
  (text) => Number(text) === 0 || isSeconds(Number(text)),
  `0 or ${SECONDS_RULE}`,
).transform((text) => Number(text) === 0 ? 0 : toMs(Number(text)));

const port = textThat((text) => parsePort(text) !== null, PORT_RULE).transform(Number);

/** Names as in a `Host` header, without port: `hub.example.org`, `[::1]`. */
const hostNames = z.string()
  .transform((text) => text.split(",").map((name) => name.trim().toLowerCase()))
  .pipe(z.array(
    textThat(
      (name) => /^([a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])$/.test(name),
      "names by comma, without scheme and port",
    ),
  ));

const absolutePaths = z.string()
  .transform((text) => text.split(":").filter((path) => path !== ""))
  .pipe(z.array(textThat(isAbsolute, "absolute paths by colon")));

const line = textThat(
  (text) => text.trim() !== "" && !/\p{Cc}/u.test(text),
  "a text, not blank, without control characters",
);

const NATS_RULE =
  "nats://HOST:PORT or tls://HOST:PORT, several by comma, without user and password";

/** The values themselves are not quoted: they might hold a password. */
const natsUrls = z.string().transform((text, context) => {
  const servers = parseNatsUrls(text);
  if (servers !== null) return servers;
  context.issues.push({ code: "custom", message: `must be ${NATS_RULE}`, input: text });
  return z.NEVER;
});

const tags = z.string()
  .transform((text) => text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""))
  .pipe(
    z.array(textThat(isTag, "tags by comma")).max(MAX_TAGS, {
      error: () => `must hold at most ${MAX_TAGS} tags`,
    }),
  );

const endpointVariables = {
  LMCP_TOKEN_FILE: z.string().optional(),
  LMCP_WITHOUT_TOKEN: oneOf("0", "1").transform((text) => text === "1"),
  LMCP_NAME: line,
  LMCP_PORT: port,
  LMCP_HOST: textThat(isAddress, ADDRESS_RULE),
  LMCP_ALLOWED_HOSTS: hostNames.optional(),
  LMCP_TLS_CERT: z.string().optional(),
  LMCP_TLS_KEY: z.string().optional(),
  LMCP_NATS_URL: natsUrls.optional(),
  LMCP_NATS_CREDS: z.string().optional(),
  LMCP_NATS_NKEY: z.string().optional(),
  LMCP_NATS_USER: line.optional(),
  LMCP_NATS_PASSWORD_FILE: z.string().optional(),
  LMCP_NATS_CA: z.string().optional(),
  LMCP_NATS_CERT: z.string().optional(),
  LMCP_NATS_KEY: z.string().optional(),
  LMCP_LOG: oneOf("text", "json"),
  LMCP_LOG_LEVEL: oneOf("error", "warn", "info", "debug"),
};

const hubVariables = z.object({
  ...endpointVariables,
  LMCP_HUB_BACKENDS: z.string().optional(),
  LMCP_HUB_CONF: z.string().optional(),
  LMCP_TRANSPORT: oneOf("http", "stdio"),
  LMCP_HUB_PROBE_TTL: millisecondsOrNone,
  LMCP_HUB_PROBE_TTL_DOWN_MIN: milliseconds,
  LMCP_HUB_PROBE_TTL_DOWN_MAX: milliseconds,
  LMCP_HUB_CONNECT_TIMEOUT: milliseconds,
  LMCP_HUB_LMCP_TIMEOUT: milliseconds,
  LMCP_HUB_SSH_TIMEOUT: milliseconds,
  LMCP_HUB_SSH_HARD_TIMEOUT: milliseconds,
  LMCP_HUB_SSH_CONFIG: z.string().optional(),
  LMCP_HUB_CONTROL_DIR: textThat(isAbsolute, "an absolute path").optional(),
  LMCP_HUB_SSH_SPARES: textThat(
    (text) => isCount(text) && Number(text) <= MAX_SPARES,
    `a whole number from 0 to ${MAX_SPARES}`,
  ).transform(Number),
  LMCP_HUB_RESULTS: oneOf(...RESULT_PROFILES),
  LMCP_HUB_MAX_CHARS: textThat(isCount, "a whole number from 0").transform(Number),
  LMCP_HUB_WAIT: millisecondsOrNone,
  LMCP_HUB_AUDIT: z.string().optional(),
  LMCP_HUB_AUDIT_REQUIRED: oneOf("0", "1").transform((text) => text === "1"),
  LMCP_HUB_AUDIT_CHAIN: oneOf("0", "1").transform((text) => text === "1"),
  LMCP_METRICS_PUBLIC: oneOf("0", "1").transform((text) => text === "1"),
});

const agentVariables = z.object({
  ...endpointVariables,
  LMCP_CONF: z.string().optional(),
  LMCP_ROOT: textThat(isAbsolute, "an absolute path"),
  LMCP_DENY_PATHS: absolutePaths.optional(),
  LMCP_STATE_DIR: textThat(isAbsolute, "an absolute path"),
  LMCP_NATS_NAME: textThat((text) => findNameFault(text, "host") === null, "a host's name")
    .optional(),
  LMCP_TAGS: tags.optional(),
});

/** The hub's variables, parsed; times in milliseconds. */
export type HubVariables = z.output<typeof hubVariables>;

/** The agent's variables, parsed. */
export type AgentVariables = z.output<typeof agentVariables>;

/** The variables of an environment, with the default where one is unset, empty or bad. */
export interface Environment<Variables> {
  readonly variables: Variables;
  readonly problems: readonly Problem[];
}

type Env = (name: string) => string | undefined;

/** Reads the hub's variables, all but LMCP_TOKEN. */
export function readHubEnvironment(env: Env): Environment<HubVariables> {
  return readEnvironment(hubVariables, "hub", env);
}

/** Reads the agent's variables, all but LMCP_TOKEN. */
export function readAgentEnvironment(env: Env): Environment<AgentVariables> {
  return readEnvironment(agentVariables, "agent", env);
}

function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  role: Role,
  env: Env,
): Environment<z.output<Schema>> {
  const defaults = new Map(
    ENVIRONMENT.flatMap((variable) => {
      const text = variable[role];
      return typeof text === "string" ? [[variable.name, text]] : [];
    }),
  );
  const raw = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, env(name) || defaults.get(name)]),
  );
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { variables: parsed.data, problems: [] };

  const problems: Problem[] = [];
  for (const { path, message } of parsed.error.issues) {
    const source = String(path[0]);
    raw[source] = defaults.get(source);
    problems.push(settingError(source, message));
  }
  return { variables: schema.parse(raw), problems };
}
