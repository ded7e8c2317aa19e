import { isIPv4 } from "node:net";
import { z } from "zod";
import type { Wake } from "../../fleet/wake.ts";
import { isSeconds, SECONDS_RULE, toMs } from "../seconds.ts";
import { alternatives } from "../../base/text/alternatives.ts";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Locate, Problem } from "../../base/problem.ts";
import { findLmcpUrlFault, findNameFault, findSshHostFault } from "./address.ts";
import type { Client } from "../../fleet/client.ts";
import type { Host } from "../../fleet/host.ts";
import { RESULT_PROFILES } from "../../mcp/profile.ts";
import { isToolName, TOOL_NAMES, type ToolRules, USED_TOOLS } from "../../fleet/rules.ts";

/** The messages never quote a value, since any of them may be a misplaced token. */
const text = z.string({
  error: ({ input }) =>
    input === undefined ? "is missing: set it to a text in quotes" : "must be a text in quotes",
});

/** A text that a function validates: it returns what is wrong, in words that follow the field's name. */
export function validated(findFault: (text: string) => string | null) {
  return text.check((context) => {
    const message = findFault(context.value);
    if (message !== null) context.issues.push({ code: "custom", message, input: context.value });
  });
}

/** More than the hub answers in a minute. */
const MAX_CALL_COUNT = 1_000_000;
const CALL_COUNT_RULE = `must be a whole number of calls from 1 to ${MAX_CALL_COUNT}`;

/** A text that is not empty. */
export const nonEmpty = validated((value) => value === "" ? "must not be empty" : null);

const tag = validated((value) =>
  /^[^\s\p{Cc}]+$/u.test(value) ? null : "must hold tags without white space"
);

const seconds = z.number({ error: `must be ${SECONDS_RULE}` })
  .refine(isSeconds, { error: `must be ${SECONDS_RULE}` })
  .transform(toMs);

const callCount = z.int({ error: CALL_COUNT_RULE }).min(1, { error: CALL_COUNT_RULE })
  .max(MAX_CALL_COUNT, { error: CALL_COUNT_RULE });

/** The name of a tool of the hub. */
export const toolName = z.enum(TOOL_NAMES, {
  error: ({ input }) => {
    const hint = typeof input === "string" ? didYouMean(input, TOOL_NAMES) : "";
    return hint === ""
      ? `must hold names of tools: ${TOOL_NAMES.join(", ")}`
      : `must hold names of tools${hint}`;
  },
});

const ruleFields = {
  tools: z.array(toolName, { error: "must be a list of tools" })
    .nonempty("must not be empty: leave it out for all tools").optional(),
  read_only: z.boolean({ error: "must be true or false" }).optional(),
};

const NATS_RULE = "must be true, or the name that the host's agents have on NATS";

const CALL_TOOLS_RULE = "must be true, or a list of names of tools of the host's own backend";

const callTools = z.union([z.boolean(), z.array(z.string())], { error: CALL_TOOLS_RULE })
  .check((context) => {
    const message = findCallToolsFault(context.value);
    if (message !== null) context.issues.push({ code: "custom", message, input: context.value });
  });

const tokenFields = {
  token: text.optional(),
  token_file: nonEmpty.optional(),
  token_env: validated((value) =>
    /^LMCP_[A-Za-z0-9_]+$/.test(value) ? null : 'must name a variable that starts with "LMCP_"'
  ).optional(),
};

const sharedFields = {
  tags: z.array(tag, { error: 'must be a list such as ["lab", "gpu"]' }).optional(),
  connect_timeout: seconds.optional(),
  lmcp_timeout: seconds.optional(),
  ssh_timeout: seconds.optional(),
  ssh_hard_timeout: seconds.optional(),
  ...ruleFields,
  call_tools: callTools.optional(),
};

/** `[defaults]`: any host field but the addresses and the token. */
export const defaultsSchema = z.strictObject(sharedFields, { error: "must be a table" });

const natsName = z.union([z.boolean(), z.string()], { error: NATS_RULE })
  .refine((value) => typeof value === "boolean" || findNameFault(value, "host") === null, {
    error: NATS_RULE,
  });

/** `[hosts.NAME]`. Times go in as seconds and come out as milliseconds. */
export const hostSchema = z.strictObject({
  ssh_host: validated(findSshHostFault).optional(),
  lmcp_url: validated(findLmcpUrlFault).optional(),
  nats: natsName.optional(),
  ...tokenFields,
  ...sharedFields,
  mac: validated((value) =>
    /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value) ? null : "must be like 52:54:00:12:34:56"
  ).optional(),
  broadcast: validated((value) => parseBroadcast(value) === null ? BROADCAST_RULE : null)
    .optional(),
  wake_via: nonEmpty.optional(),
}, { error: "must be a table" });

/** `[clients.NAME]`. */
export const clientSchema = z.strictObject({
  ...tokenFields,
  hosts: z.array(text, { error: "must be a list of hosts and tags" })
    .nonempty("must not be empty: leave it out for all hosts").optional(),
  commands: z.array(text, { error: "must be a list of commands" })
    .nonempty("must not be empty: leave it out for a client that may run anything").optional(),
  max_timeout: seconds.optional(),
  rate: callCount.optional(),
  concurrent: callCount.optional(),
  results: z.enum(RESULT_PROFILES, { error: `must be ${alternatives(RESULT_PROFILES)}` })
    .optional(),
  ...ruleFields,
}, { error: "must be a table" });

/** The fields that state a token, whatever the others are. */
export const tokenSchema = z.object(tokenFields);

/** The fields that state a token, validated. */
export type TokenFields = z.output<z.ZodObject<typeof tokenFields>>;

/** `[clients.NAME]`, validated. */
export type ClientFields = z.output<typeof clientSchema>;

/** Rules, validated. */
export type RuleFields = z.output<z.ZodObject<typeof ruleFields>>;

/** `[defaults]`, validated. */
export type DefaultFields = z.output<typeof defaultsSchema>;

/** `[hosts.NAME]`, validated. */
export type HostFields = z.output<typeof hostSchema>;

/** How a host is woken, as the rest of the program knows it; null: there is no \`mac\`. */
export function toWake({ mac, broadcast, wake_via: via }: HostFields): Wake | null {
  const to = parseBroadcast(broadcast ?? "255.255.255.255");
  if (mac === undefined || to === null) return null;
  const { address, port } = to;
  const name = mac.toLowerCase().replaceAll("-", ":");
  return { mac: name, broadcast: address, port, via: via ?? null };
}

/** The name that a host has on NATS; null: it is not reached over NATS. */
export function toNatsName({ nats = false }: HostFields, name: string): string | null {
  return nats === true ? name : nats === false ? null : nats;
}

const BROADCAST_RULE = "must be an IPv4 address, and a port if it is not 9: 192.168.1.255:9";

function parseBroadcast(text: string): { readonly address: string; readonly port: number } | null {
  const [, address = "", port = "9"] = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isRight = isIPv4(address) && Number(port) > 0 && Number(port) < 65_536;
  return isRight ? { address, port: Number(port) } : null;
}

/** Rules as the rest of the program knows them. */
export function toToolRules({ tools, read_only: readOnly = false }: RuleFields): ToolRules {
  return { tools: tools === undefined ? null : new Set(tools), readOnly };
}

/** `rate` and `concurrent` as the rest of the program knows them; empty: there is neither. */
export function toCallLimits(
  { rate, concurrent }: z.output<typeof clientSchema>,
): Pick<Client, "limits"> {
  return rate === undefined && concurrent === undefined
    ? {}
    : { limits: { perMinute: rate ?? null, atOnce: concurrent ?? null } };
}

/** The value of `call_tools` as the rest of the program knows it. */
export function toCallTools({ call_tools: value = false }: DefaultFields): Host["callTools"] {
  return value === true ? null : new Set(value === false ? [] : value);
}

function findCallToolsFault(value: boolean | readonly string[]): string | null {
  if (typeof value === "boolean") return null;
  const used = [...USED_TOOLS].find(([name]) => value.includes(name));
  if (used !== undefined) return `must not name ${used[0]}, which ${used[1]} is for`;
  return value.every(isToolName) ? null : CALL_TOOLS_RULE;
}

/** The problems that a schema found, with their positions; one for each unknown field. */
export function schemaProblems(
  error: z.ZodError,
  { source, locate, explainUnknown }: {
    readonly source: string;
    readonly locate: Locate;
    /** The message for a field that the schema does not know. */
    readonly explainUnknown: (name: string) => string;
  },
): Problem[] {
  return error.issues.flatMap((issue): Problem[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => ({
        severity: "error",
        source,
        ...locate([...issue.path, name]),
        message: explainUnknown(name),
      }))
      : [{ severity: "error", source, ...locate(issue.path), message: issue.message }]
  );
}
