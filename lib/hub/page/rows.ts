import { isDeepStrictEqual } from "node:util";
import { type Health, type HostState, reasonOf } from "../../fleet/health.ts";
import type { Host, HostList } from "../../fleet/host.ts";
import type { PastCall } from "../../history/reader.ts";
import type { HostRow } from "../../http/pages/fleet/model.ts";
import { byName, pathsOf } from "../../tools/hosts/entry.ts";
import type { HubState } from "../state.ts";
import { shownText, type Sources } from "./sources.ts";

/** Characters of what is wrong with a host, as `remote_list_hosts` has them. */
const MAX_REASON = 500;

/** What calls say of hosts. */
export interface CallFacts {
  /** How many run on a host. */
  readonly running: ReadonlyMap<string, number>;
  /** The last one that has ended, of those that the viewer may see. */
  readonly last: ReadonlyMap<string, PastCall>;
}

/** A host, and where its state is. */
interface SeenHost {
  readonly host: Host;
  readonly health: Pick<Health, "state">;
}

/** A row, and all that it was made from: with the same, it is the same. */
interface Slot {
  readonly host: Host;
  readonly hub: HubState;
  readonly state: HostState | null;
  readonly running: number;
  readonly last: PastCall | undefined;
  readonly row: HostRow;
}

/** The rows of the hosts that one principal may see; one that does not change is the same object. */
export class HostRows {
  readonly #sources: Sources;
  #list: HostList | null = null;
  /** By name, in byte order. */
  #hosts: readonly SeenHost[] = [];
  readonly #slots = new Map<string, Slot>();
  #rows: readonly HostRow[] = [];

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** By name, in byte order. */
  update(visible: HostList, facts: CallFacts): readonly HostRow[] {
    if (this.#list !== visible) this.#follow(visible);
    const hub = this.#sources.state();
    let isSame = this.#rows.length === this.#hosts.length;
    // A hot path: all hosts of a large fleet, several times a second, and most often nothing has changed.
    const rows = this.#hosts.map((seen, index) => {
      const row = this.#rowOf(seen, hub, facts);
      isSame &&= row === this.#rows[index];
      return row;
    });
    if (!isSame) this.#rows = rows;
    return this.#rows;
  }

  find(name: string): HostRow | null {
    return this.#slots.get(name)?.row ?? null;
  }

  #follow(visible: HostList): void {
    this.#list = visible;
    this.#hosts = byName(visible.hosts.values()).map((host) => ({
      host,
      health: this.#sources.linkTo(host).health,
    }));
    for (const name of this.#slots.keys()) {
      if (!visible.hosts.has(name)) this.#slots.delete(name);
    }
  }

  #rowOf({ host, health }: SeenHost, hub: HubState, facts: CallFacts): HostRow {
    const { name } = host;
    const state = health.state();
    const running = facts.running.get(name) ?? 0;
    const last = facts.last.get(name);
    const slot = this.#slots.get(name);
    const isSame = slot !== undefined && slot.state === state && slot.last === last &&
      slot.running === running && slot.hub === hub && slot.host === host;
    if (isSame) return slot.row;
    const since = state === null ? null : this.#sources.history.sinceOf(name);
    const fresh = toRow({ host, hub, state, running, last }, since);
    const row = slot !== undefined && isDeepStrictEqual(slot.row, fresh) ? slot.row : fresh;
    this.#slots.set(name, { host, hub, state, running, last, row });
    return row;
  }
}

function toRow(
  { host, hub, state, running, last }: Omit<Slot, "row">,
  since: number | null,
): HostRow {
  const reason = state === null ? null : reasonOf(state);
  return {
    name: host.name,
    status: state === null ? "unknown" : state.via ?? "down",
    reason: reason === null ? null : shownText(reason, hub, MAX_REASON),
    since,
    checkedAt: state?.checkedAt ?? null,
    paths: pathsOf(host),
    tags: host.tags,
    latencyMs: state?.latencyMs ?? null,
    running,
    lastCall: last === undefined ? null : {
      at: last.endedAt,
      tool: shownText(last.tool, hub),
      outcome: last.outcome,
    },
  };
}
