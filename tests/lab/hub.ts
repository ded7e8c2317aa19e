import type { LookupAddress } from "node:dns";
import type { CallRecord } from "../../lib/calls/record.ts";
import { createBudget } from "../../lib/calls/budget.ts";
import { createDispatch, type Dispatch } from "../../lib/fleet/dispatch.ts";
import type { Host } from "../../lib/fleet/host.ts";
import { createInventory, type Inventory } from "../../lib/fleet/inventory.ts";
import { createLinks, type Link, type LinkOptions } from "../../lib/fleet/link.ts";
import { createHttpPool, type HttpPool } from "../../lib/fleet/lmcp/pool.ts";
import { createProber, type Prober } from "../../lib/fleet/probe.ts";
import { createLookup } from "../../lib/fleet/resolver.ts";
import type { Ssh } from "../../lib/fleet/ssh/client.ts";
import { type Clock, systemClock } from "../../lib/base/time/clock.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import type { CallToolResult } from "../../lib/mcp/tool.ts";
import { createAccess } from "../../lib/tools/access.ts";
import type { BeforeSend } from "../../lib/tools/definition.ts";
import { createRemoteTools } from "../../lib/tools/catalog.ts";
import { callContext } from "../mcp/call_context.ts";
import { openRoom } from "../mcp/open_room.ts";
import { createFakeSsh } from "./fake_ssh.ts";
import { outputOptions } from "../outputs/options.ts";

/** Options of `openHub()`. */
export interface LabHubOptions {
  readonly hosts: readonly Host[];
  /** Default: a fake that runs everything. */
  readonly ssh?: Ssh;
  /** How hosts are reached over NATS; default: not at all. */
  readonly natsWireTo?: LinkOptions["natsWireTo"];
  /** What time it is; waits are real all the same. Default: the machine's. */
  readonly clock?: Pick<Clock, "now" | "wall">;
  /** Called before a call is sent to a host. */
  readonly beforeSend?: BeforeSend;
  /** Called with each new state of a host. */
  readonly onState?: LinkOptions["onState"];
  /** Of all answers that are being read; default: no limit. */
  readonly maxReadBytes?: number;
  /** Default: every name is unknown, so that no query leaves this machine. */
  readonly resolve?: (name: string) => Promise<LookupAddress[]>;
}

/** The hub's real tools over its real dispatcher; all probes have ended when it is disposed of. */
export interface LabHub extends AsyncDisposable {
  readonly call: (
    tool: string,
    args: JsonObject,
    options?: {
      readonly signal?: AbortSignal;
      readonly onProgress?: (line: string) => void;
      readonly record?: CallRecord;
    },
  ) => Promise<CallToolResult>;
  readonly dispatch: Dispatch;
  readonly inventory: Inventory;
  readonly linkTo: (host: Host) => Link;
  readonly prober: Prober;
  readonly pool: HttpPool;
}

const HEALTH_TIMES = { upMs: 30_000, downMinMs: 30_000, downMaxMs: 300_000 };

/** Puts the hub's own pieces together around hosts of the laboratory. */
export function openHub(options: LabHubOptions): LabHub {
  const { now, wall } = options.clock ?? systemClock;
  const clock = { ...systemClock, now, wall };
  const ssh = options.ssh ?? createFakeSsh();
  const closing = new AbortController();
  const pool = createHttpPool({
    lookup: createLookup({ clock, resolve: options.resolve ?? unknownName }),
    forwards: ssh.forwards,
    clock,
  });
  const linkTo = createLinks({
    pool,
    natsWireTo: options.natsWireTo ?? null,
    ssh,
    healthTimes: HEALTH_TIMES,
    probesReuse: false,
    client: { name: "lab", version: "1.2.3" },
    probeSoon: (host) => void prober.probe(host),
    ...(options.onState && { onState: options.onState }),
    clock,
  });
  const prober = createProber({ linkTo, clock, signal: closing.signal });
  const budget = createBudget(() => options.maxReadBytes ?? Infinity);
  const dispatch = createDispatch({ linkTo, budget });
  const inventory = createInventory({ linkTo, budget });
  const registry = {
    path: "/lab/hosts.toml",
    hosts: new Map(options.hosts.map((host) => [host.name, host])),
    clients: new Map(),
    groups: new Map(),
  };
  const tools = createRemoteTools({
    access: () => access,
    dispatch,
    inventory,
    listStates: prober.listStates,
    now,
    ...outputOptions(clock),
    ...(options.beforeSend && { beforeSend: options.beforeSend }),
  });
  const access = createAccess({ registry, problems: [] }, tools);
  return {
    call: async (name, args, { onProgress = () => {}, ...options } = {}) => {
      const tool = tools.find((known) => known.name === name);
      if (tool === undefined) throw new TypeError(`There is no tool "${name}"`);
      const caller = { principal: "default", reportProgress: onProgress };
      using room = openRoom();
      return await tool.call(args, callContext({ ...caller, room, ...options }));
    },
    dispatch,
    inventory,
    linkTo,
    prober,
    pool,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await prober.settled();
      await pool.close();
      await ssh.close();
    },
  };
}

function unknownName(name: string): Promise<LookupAddress[]> {
  return Promise.reject(Object.assign(new Error(`No such name: ${name}`), { code: "ENOTFOUND" }));
}
