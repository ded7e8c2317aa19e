import { FAULTS, RESULTS, SILENCE, TOKEN } from "./backend.ts";
import type { Lab } from "./lab.ts";

/** A host of the registry that most situations use. */
export interface ComparedHost {
  readonly name: string;
  /** What is special about it, for a report. */
  readonly what: string;
  readonly sshHost: string | null;
  readonly lmcpUrl: string | null;
}

/** The hosts by what they are for. */
export interface ComparedHosts {
  /** Their backend answers. */
  readonly answering: readonly ComparedHost[];
  /** Their backend cannot be reached, or gives no answer. */
  readonly failing: readonly ComparedHost[];
  /** Has ssh alone. */
  readonly sshOnly: ComparedHost;
  /** Have an ssh that does not work. */
  readonly sshFailing: readonly ComparedHost[];
  /** Has neither a backend nor ssh. */
  readonly unreachable: ComparedHost;
}

/** Where ssh leads for hosts that have it. */
export const TARGET = "target";

/** Makes the hosts. */
export function makeHosts({ backends, closedPort }: Lab): ComparedHosts {
  const refused = `http://127.0.0.1:${closedPort}/mcp`;
  const host = (what: string, lmcpUrl: string | null, sshHost: string | null): ComparedHost => ({
    name: what.replaceAll(/[^A-Za-z0-9-]+/g, "-"),
    what,
    sshHost,
    lmcpUrl,
  });
  const failing = (what: string, url: string) => [
    host(what, url, null),
    host(`${what}, with ssh`, url, TARGET),
  ];
  return {
    answering: [...Object.keys(RESULTS), TOKEN].map((name) =>
      host(name, backends.urlOf(name), null)
    ),
    failing: [
      ...failing("port refused", refused),
      ...failing("name not found", "http://unknown.invalid/mcp"),
      ...failing("port that nobody answers on", backends.unreachableUrl),
      ...failing("no answer to the call", backends.urlOf(SILENCE)),
      ...failing("connection closed by the call", backends.closingUrl),
      ...Object.keys(FAULTS).flatMap((name) => [
        ...failing(`${name} to the call`, backends.urlOf(name)),
        ...failing(`${name} to everything`, backends.brokenUrlOf(name)),
      ]),
    ],
    sshOnly: host("ssh alone", null, TARGET),
    sshFailing: [
      host("ssh alone, refused", null, "refusing"),
      host("ssh alone, unknown name", null, "unknown"),
      host("port refused, ssh refused", refused, "refusing"),
    ],
    unreachable: host("neither lmcp nor ssh", null, null),
  };
}

/** Hosts as a registry in the Lua hub's format. */
export function registryText(
  { answering, failing, sshOnly, sshFailing, unreachable }: ComparedHosts,
) {
  return [...answering, ...failing, sshOnly, ...sshFailing, unreachable]
    .map(({ name, what, sshHost, lmcpUrl }) => {
      const token = what === TOKEN ? "secret-of-the-comparison" : "-";
      return `${name} ${sshHost ?? "-"} ${lmcpUrl ?? "-"} ${token}\n`;
    }).join(
      "",
    );
}
