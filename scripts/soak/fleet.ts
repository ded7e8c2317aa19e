import { stringify } from "smol-toml";
import { type LabBackend, startBackend } from "../../tests/lab/backend.ts";
import { openBlackHole } from "../../tests/lab/black_hole.ts";
import {
  close,
  endlessBody,
  reset,
  silent,
  slow,
  trickle,
  truncated,
} from "../../tests/lab/faults/connection.ts";
import { plainDialect, sessionDialect } from "../../tests/lab/dialect.ts";
import { Executions } from "../../tests/lab/executions.ts";
import type { Fault } from "../../tests/lab/faults/fault.ts";
import { badJson, endlessEventStream, redirect, status } from "../../tests/lab/faults/http.ts";
import { freePort } from "../../tests/free_port.ts";
import { pickFault } from "../chaos/faults.ts";
import type { Random } from "../chaos/random.ts";

/** Hosts of every kind of trouble, and what ran on those with a backend. */
export interface SoakFleet extends AsyncDisposable {
  readonly names: readonly string[];
  /** The registry, clients included. */
  readonly registry: string;
  readonly executions: Executions;
}

/** Short, so that trouble does not last. */
const DEFAULTS = { connect_timeout: 0.5, lmcp_timeout: 1, ssh_timeout: 2, ssh_hard_timeout: 4 };

/** What a backend that is always in the same trouble does with a call. */
const TROUBLES: Readonly<Record<string, Fault>> = {
  close,
  endlessBody,
  endlessEventStream,
  reset,
  silent,
  slow,
  trickle,
  truncated,
  badJson,
  moved: redirect(307, "http://127.0.0.1:1/mcp"),
  http500: status(500),
  http401: status(401),
};

/** Starts 23 hosts: some sound, some that fail at random, one of each trouble, some with ssh alone. */
export async function startSoakFleet(
  random: Random,
  clients: Readonly<Record<string, string>>,
): Promise<SoakFleet> {
  const executions = new Executions();
  const hole = await openBlackHole();
  const hosts: Record<string, Record<string, unknown>> = {};
  const backends: LabBackend[] = [];
  const add = async (
    name: string,
    options: Parameters<typeof startBackend>[0],
    sshHost: string | null,
  ) => {
    const backend = await startBackend({ executions, ...options });
    backends.push(backend);
    hosts[name] = { lmcp_url: backend.url, ...(sshHost === null ? {} : { ssh_host: sshHost }) };
  };

  await add("sound-modern", {}, "works");
  await add("sound-plain", { dialect: plainDialect }, "works");
  await add("sound-sessions", { dialect: sessionDialect }, "works");
  const sometimes = () => random.next() < 0.4 ? pickFault(random) : null;
  await add("random-modern", { behaviour: sometimes }, "works");
  await add("random-sessions", { behaviour: sometimes, dialect: sessionDialect }, "breaks");
  for (const [name, fault] of Object.entries(TROUBLES)) {
    await add(name, { behaviour: ({ method }) => method === "tools/call" ? fault : null }, "works");
  }
  hosts["black-hole"] = { lmcp_url: hole.url, ssh_host: "works" };
  hosts["refused"] = { lmcp_url: `http://127.0.0.1:${freePort()}/mcp`, ssh_host: "refuses" };
  hosts["no-name"] = { lmcp_url: "http://nowhere.invalid/mcp", ssh_host: "works" };
  for (const destination of ["works", "refuses", "breaks"]) {
    hosts[`ssh-${destination}`] = { ssh_host: destination };
  }
  const clientTables = Object.entries(clients).map(([name, token]) => [name, { token }]);
  return {
    names: Object.keys(hosts),
    registry: stringify({
      defaults: DEFAULTS,
      hosts,
      clients: Object.fromEntries(clientTables),
    }),
    executions,
    [Symbol.asyncDispose]: async () => {
      hole[Symbol.dispose]();
      await Promise.all(backends.map((backend) => backend.stop()));
    },
  };
}
