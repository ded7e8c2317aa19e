/** A host for a registry of the bench. */
export interface BenchHost {
  readonly name: string;
  /** Port of its backend on 127.0.0.1; absent: ssh only. */
  readonly port?: number;
  /** Absent: no ssh. */
  readonly sshHost?: string;
  /** Whether its agent is reached over NATS. */
  readonly nats?: boolean;
}

/** The hosts as `hosts.toml`; the connect timeout is in seconds. */
export function tomlRegistry(hosts: readonly BenchHost[], connectTimeout: number): string {
  const tables = hosts.map(({ name, port, sshHost, nats }) =>
    [
      `[hosts.${name}]`,
      ...(port === undefined ? [] : [`lmcp_url = "http://127.0.0.1:${port}/mcp"`]),
      ...(sshHost === undefined ? [] : [`ssh_host = "${sshHost}"`]),
      ...(nats ? ["nats = true"] : []),
    ].join("\n")
  );
  return [`[defaults]\nconnect_timeout = ${connectTimeout}`, ...tables, ""].join("\n\n");
}

/** The hosts in the Lua hub's format. */
export function legacyRegistry(hosts: readonly BenchHost[]): string {
  const lines = hosts.map(({ name, port, sshHost }) => {
    const url = port === undefined ? "-" : `http://127.0.0.1:${port}/mcp`;
    return `${name} ${sshHost ?? "-"} ${url} -\n`;
  });
  return lines.join("");
}

/** Numbered hosts that take turns on the ports of backends. */
export function manyHosts(prefix: string, count: number, ports: readonly number[]): BenchHost[] {
  return Array.from({ length: count }, (_, at): BenchHost => {
    const port = ports[at % ports.length];
    return port === undefined ? { name: `${prefix}${at}` } : { name: `${prefix}${at}`, port };
  });
}
