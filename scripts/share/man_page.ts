import { helpOf, type Rows } from "../../lib/cli/help.ts";
import {
  AGENT_ENVIRONMENT_PATH,
  CONTROL_DIRECTORIES,
  HUB_CONF_PATH,
  HUB_ENVIRONMENT_PATH,
  REGISTRY_PATHS,
  type Role,
} from "../../lib/config/variables.ts";

/** When and of what version a manual page is. */
export interface Edition {
  readonly version: string;
  readonly date: Date;
}

const DESCRIPTIONS: Readonly<Record<Role, readonly string[]>> = {
  hub: [
    "lmcp-hub runs on a jump host. AI assistants and scripts connect to it over the Model Context " +
    "Protocol (MCP) and get tools that run commands and handle files on any host of the fleet.",
    "A call goes to the MCP server on that host or, when that server cannot be reached, over ssh. " +
    "Falling back never executes a call twice.",
  ],
  agent: [
    "lmcp-agent serves the machine that it runs on as a backend of lmcp-hub: it runs commands and " +
    "handles files, as the user that it runs as.",
  ],
};

const FILES: Readonly<Record<Role, Rows>> = {
  hub: [
    [REGISTRY_PATHS[0], "the registry: the hosts of the fleet, and who may use them"],
    [REGISTRY_PATHS[1], "the same in the form of the Lua hub, where the other does not exist"],
    [HUB_CONF_PATH, "legacy configuration, for the inbound token"],
    ["/etc/lmcp-hub/token", "the inbound token of the service"],
    [HUB_ENVIRONMENT_PATH, "variables for the service"],
    ["/var/lib/lmcp-hub/.ssh", "ssh keys and known hosts of the service"],
    ["/var/log/lmcp-hub/audit.jsonl", "audit trail of the service"],
    [CONTROL_DIRECTORIES.join(", "), "sockets of ssh"],
  ],
  agent: [
    ["/etc/lmcp-agent/token", "the inbound token of the service"],
    [AGENT_ENVIRONMENT_PATH, "variables for the service"],
    ["/var/lib/lmcp-agent", "claims and jobs"],
  ],
};

const RELATED: Readonly<Record<Role, string>> = {
  hub: ".BR lmcp-agent (1),\n.BR ssh (1),\n.BR ssh_config (5)",
  agent: ".BR lmcp-hub (1)",
};

/** The manual page of a program, as roff. */
export function renderManPage(role: Role, { version, date }: Edition): string {
  const name = `lmcp-${role}`;
  const { title, usage: all, options, variables, exitStatuses } = helpOf(role);
  // The other program has a page of its own.
  const usage = all.filter(([call]) => call.startsWith(name));
  const day = date.toISOString().slice(0, 10);
  return [
    `.TH ${name.toUpperCase()} 1 ${day} "lmcp-hub ${version}" "User Commands"`,
    ".SH NAME",
    `${escape(name)} \\- ${escape(title.slice(name.length + 2))}`,
    ".SH SYNOPSIS",
    usage.map(([call]) => `.B ${escape(call)}`).join("\n.br\n"),
    ".SH DESCRIPTION",
    DESCRIPTIONS[role].map(escape).join("\n.PP\n"),
    ".SS Modes",
    paragraphs(usage),
    ".SH OPTIONS",
    "A flag beats its variable, which beats the configuration file.",
    paragraphs(options),
    ".SH ENVIRONMENT",
    "A default is in brackets.",
    paragraphs(variables),
    ".SH FILES",
    paragraphs(FILES[role]),
    ".SH EXIT STATUS",
    paragraphs(exitStatuses),
    ".SH SEE ALSO",
    RELATED[role],
    "",
  ].join("\n");
}

/** A tagged paragraph for each row. */
function paragraphs(rows: Rows): string {
  return rows.map(([left, right]) => `.TP\n.B ${escape(left)}\n${escape(right)}`).join("\n");
}

/** A line of text that roff prints as it is. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/, "\\&");
}
