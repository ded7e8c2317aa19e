import { FLAGS } from "./flags.ts";
import { ENVIRONMENT, type Role } from "../config/variables.ts";

/** Rows of two columns. */
export type Rows = readonly (readonly [left: string, right: string])[];

/** What there is to say about a program, by heading. */
export interface Help {
  readonly title: string;
  readonly usage: Rows;
  readonly options: Rows;
  readonly variables: Rows;
  readonly exitStatuses: Rows;
}

const TITLES: Readonly<Record<Role, string>> = {
  hub: "lmcp-hub: one MCP endpoint for a fleet of hosts",
  agent: "lmcp-agent: the MCP tools of this machine, as a backend of lmcp-hub",
};

const USAGE: Readonly<Record<Role, Rows>> = {
  hub: [
    ["lmcp-hub [PORT]", "serve MCP over HTTP at /mcp, and the fleet page at /"],
    ["lmcp-hub --stdio", "serve MCP over stdin and stdout (the log goes to stderr)"],
    ["lmcp-hub --probe", "probe each host once, print, exit"],
    ["lmcp-hub --check", "read all configuration, print every problem, exit"],
    [
      "lmcp-hub --import SOURCE [FILE]",
      "print hosts of other programs as TOML, for review; - is stdin",
    ],
    ["lmcp-hub --approvals", "list the calls that wait for the operator, exit"],
    ["lmcp-hub --approve ID, --deny ID", "answer one of them, exit"],
    ["lmcp-hub --help, --version", "print this text or the version, exit"],
    ["lmcp-agent [PORT]", "be a backend: serve the tools of this machine; from source --agent"],
  ],
  agent: [
    ["lmcp-agent [PORT]", "serve MCP over HTTP at /mcp"],
    ["lmcp-agent --help, --version", "print this text or the version, exit"],
  ],
};

const EXIT_STATUSES: Readonly<Record<Role, Rows>> = {
  hub: [
    ["0", "success; --probe: all hosts are up; --check: no error"],
    [
      "1",
      "--probe: a host is down; --audit: a call did not end; --approve: it does not wait; " +
      "else: failed while running",
    ],
    [
      "2",
      "bad command line or configuration, could not start; --probe: could not finish; " +
      "--approvals: no hub runs",
    ],
  ],
  agent: [
    ["0", "stopped as asked"],
    ["1", "failed while running"],
    ["2", "bad command line or configuration, could not start"],
  ],
};

/** The text of `--help`: a program's usage, options, environment variables and exit statuses. */
export function helpText(role: Role): string {
  const { title, usage, options, variables, exitStatuses } = helpOf(role);
  return [
    title,
    ["Usage:", ...align(usage)].join("\n"),
    [
      "Options (a flag beats its variable, which beats the configuration file):",
      ...align(options),
    ].join("\n"),
    ["Environment variables:", ...align(variables)].join("\n"),
    ["Exit statuses:", ...align(exitStatuses)].join("\n"),
  ].join("\n\n");
}

/** What `--help` says, in parts: manual pages and shell completion are made of it, too. */
export function helpOf(role: Role): Help {
  return {
    title: TITLES[role],
    usage: USAGE[role],
    options: optionsOf(role),
    variables: variablesOf(role),
    exitStatuses: EXIT_STATUSES[role],
  };
}

function optionsOf(role: Role): Rows {
  return [...FLAGS]
    .filter(([, { modes }]) => modes.some((mode) => (mode === "agent") === (role === "agent")))
    .map(([name, { value, meaning }]) =>
      [value === null ? `--${name}` : `--${name} ${value}`, meaning] as const
    );
}

function variablesOf(role: Role): Rows {
  return ENVIRONMENT.flatMap((variable): Rows => {
    const fallback = variable[role];
    if (fallback === undefined) return [];
    return [[variable.name, `${variable.meaning}${fallback === null ? "" : ` [${fallback}]`}`]];
  });
}

/** Lines of two columns. */
function align(rows: Rows): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
