import { Counter, Gauge, type Registry } from "prom-client";

/** How many calls are running over a transport, and how many wait for a place. */
interface TransportLoad {
  readonly running: number;
  readonly waiting: number;
}

/** How many ssh sessions wait for a call, and how many calls have run in one. */
interface SpareCounts {
  readonly waiting: number;
  readonly taken: number;
}

/** How often each thing has happened to an approval, and how many wait for the operator. */
export interface ApprovalCounts {
  readonly counted: () => ReadonlyMap<string, number>;
  readonly waiting: () => Promise<number>;
}

/** What is measured of the hub itself; each function is called when the metrics are read. */
export interface HubFacts {
  /** Of the program and of Deno. */
  readonly version: string;
  readonly denoVersion: string;
  readonly sshLoad: () => TransportLoad;
  readonly lmcpLoad: () => TransportLoad;
  readonly natsLoad: () => TransportLoad;
  readonly sshSpares: () => SpareCounts;
  /** Lines of the audit trail that could not be written. */
  readonly auditLost: () => number;
  /** The number of its newest line, where lines have numbers; else 0. */
  readonly auditLine: () => number;
  readonly approvals: ApprovalCounts;
}

/** Adds versions, the load of each transport, and lost audit lines to a registry. */
export function addHubMetrics(registry: Registry, facts: HubFacts): void {
  const registers = [registry];
  const build = new Gauge({
    name: "lmcp_hub_build_info",
    help: "Versions of the hub and of the Deno it runs on",
    labelNames: ["version", "deno"],
    registers,
  });
  build.set({ version: facts.version, deno: facts.denoVersion }, 1);
  addLoad(registry, "ssh", facts.sshLoad);
  addLoad(registry, "lmcp", facts.lmcpLoad);
  addLoad(registry, "nats", facts.natsLoad);
  addSpares(registry, facts.sshSpares);
  addApprovals(registry, facts.approvals);
  new Counter({
    name: "lmcp_hub_audit_lost_total",
    help: "Lines of the audit trail that could not be written",
    registers,
    collect() {
      this.reset();
      this.inc(facts.auditLost());
    },
  });
  // One that goes down is that of a file that has lost its end.
  new Gauge({
    name: "lmcp_hub_audit_line",
    help: "Number of the audit trail's newest line, if each has the hash of the one before; else 0",
    registers,
    collect() {
      this.set(facts.auditLine());
    },
  });
}

function addApprovals(registry: Registry, { counted, waiting }: ApprovalCounts): void {
  new Counter({
    name: "lmcp_hub_approvals_total",
    help: "What has happened to approvals: asked, allowed, denied, expired, used",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [state, count] of counted()) this.inc({ state }, count);
    },
  });
  new Gauge({
    name: "lmcp_hub_approvals_waiting",
    help: "Number of calls that wait for the operator",
    registers: [registry],
    async collect() {
      this.set(await waiting());
    },
  });
}

function addSpares(registry: Registry, read: () => SpareCounts): void {
  new Gauge({
    name: "lmcp_hub_ssh_spares",
    help: "Number of ssh sessions that wait for a call",
    registers: [registry],
    collect() {
      this.set(read().waiting);
    },
  });
  new Counter({
    name: "lmcp_hub_ssh_spares_taken_total",
    help: "Calls that ran in an ssh session that had waited for them",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read().taken);
    },
  });
}

function addLoad(registry: Registry, transport: string, read: () => TransportLoad): void {
  for (const state of ["running", "waiting"] as const) {
    new Gauge({
      name: `lmcp_hub_${transport}_${state}`,
      help: `Number of calls over ${transport}, ${state}`,
      registers: [registry],
      collect() {
        this.set(read()[state]);
      },
    });
  }
}
