import { FLAGS } from "./command.ts";
import { ENVIRONMENT, type EnvironmentVariable } from "../config/variables.ts";

const MODES = [
  ["lmcp-hub [PORT]", "serve MCP over HTTP at /mcp"],
  ["lmcp-hub --stdio", "serve MCP over stdin and stdout (the log goes to stderr)"],
  ["lmcp-hub --probe", "probe each host once, print, exit"],
  ["lmcp-hub --check", "read all configuration, print every problem, exit"],
  ["lmcp-hub --agent [PORT]", "be a backend: serve the tools of this machine"],
  ["lmcp-hub --help, --version", "print this text or the version, exit"],
] as const;

const EXIT_STATUSES = [
  ["0", "success; --probe: all hosts are up; --check: no error"],
  ["1", "--probe: a host is down; else: failed while running"],
  ["2", "could not start: bad command line, bad configuration"],
] as const;

/** The text of `--help`: modes, options, environment variables and exit statuses. */
export function helpText(): string {
  const options = [...FLAGS].map(([name, { value, meaning }]) =>
    [value === null ? `--${name}` : `--${name} ${value}`, meaning] as const
  );
  const variables = ENVIRONMENT.map((variable) =>
    [variable.name, `${variable.meaning}${formatDefaults(variable)}`] as const
  );
  return [
    "lmcp-hub: one MCP endpoint for a fleet of hosts",
    ["Modes:", ...align(MODES)].join("\n"),
    [
      "Options (a flag beats its variable, which beats the configuration file):",
      ...align(options),
    ].join("\n"),
    ["Environment variables:", ...align(variables)].join("\n"),
    ["Exit statuses:", ...align(EXIT_STATUSES)].join("\n"),
  ].join("\n\n");
}

function formatDefaults({ hub, agent }: EnvironmentVariable): string {
  if (hub && agent && hub !== agent) return ` [${hub}; agent: ${agent}]`;
  const text = hub ?? agent;
  return text ? ` [${text}]` : "";
}

/** Lines of two columns. */
function align(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
