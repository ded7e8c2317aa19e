import type { Host } from "../../lib/fleet/host.ts";
import type { Ssh } from "../../lib/fleet/ssh/client.ts";
import { type LabBackend, startBackend } from "../../tests/lab/backend.ts";
import { modernDialect, plainDialect, sessionDialect } from "../../tests/lab/dialect.ts";
import { Executions } from "../../tests/lab/executions.ts";
import { labHost } from "../../tests/lab/host.ts";
import { pickFault } from "./faults.ts";
import { type Destination, openLocalSsh } from "./local_ssh.ts";
import type { Random } from "./random.ts";

const HOSTS = 16;
/** The share of requests that hit a fault. */
const FAULTY = 0.4;
/** Short, so that silent faults do not take long. */
const TIMEOUTS = { connectMs: 300, lmcpMs: 500, sshMs: 10_000, sshHardMs: 10_000 };
const DIALECTS = [modernDialect, plainDialect, sessionDialect];
const DESTINATIONS: readonly Destination[] = ["works", "works", "works", "refuses", "breaks"];

/** Hosts whose backends fail at random, and a fake ssh. */
export interface ChaosFleet extends AsyncDisposable {
  readonly hosts: readonly Host[];
  readonly ssh: Ssh;
  /** What the backends have run. */
  readonly executions: Executions;
  /** Stops a backend, or restarts a stopped one; in between, its port refuses connections. */
  readonly toggleBackend: () => Promise<void>;
}

/** Starts the fleet; `directory` is for the fake ssh. */
export async function startChaosFleet(random: Random, directory: string): Promise<ChaosFleet> {
  const executions = new Executions();
  const behaviour = () => random.next() < FAULTY ? pickFault(random) : null;
  const backends = await Promise.all(Array.from({ length: HOSTS }, (_, index) => {
    const dialect = DIALECTS[index % DIALECTS.length] ?? modernDialect;
    return startBackend({ executions, behaviour, dialect });
  }));
  const hosts = backends.map(({ url }, index) =>
    labHost({
      name: `host${index}`,
      lmcpUrl: url,
      sshHost: `${DESTINATIONS[index % DESTINATIONS.length]}${index}`,
      timeouts: TIMEOUTS,
    })
  );
  const ssh = await openLocalSsh(directory, random);
  const stopped = new Set<LabBackend>();
  return {
    hosts,
    ssh,
    executions,
    toggleBackend: async () => {
      const backend = random.pick(backends);
      if (stopped.delete(backend)) return await backend.start();
      stopped.add(backend);
      await backend.stop();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(backends.map((backend) => backend.stop()));
    },
  };
}
