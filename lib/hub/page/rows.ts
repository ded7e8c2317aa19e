import { isDeepStrictEqual } from "node:util";
import type { HostState } from "../../fleet/health.ts";
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

/** All that a row is made from: with the same, it is the same. */
interface Inputs {
  readonly host: Host;
  readonly hub: HubState;
  readonly state: HostState | null;
  readonly since: number | null;
  readonly running: number;
  readonly last: PastCall | undefined;
}

/** The rows of the hosts that one principal may see; one that does not change is the same object. */
export class HostRows {
  readonly #sources: Sources;
  readonly #known = new Map<string, { readonly inputs: Inputs; readonly row: HostRow }>();
  #list: HostList | null = null;
  #sorted: readonly Host[] = [];
  #rows: readonly HostRow[] = [];

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** By name, in byte order. */
  update(visible: HostList, facts: CallFacts): readonly HostRow[] {
    if (this.#list !== visible) this.#follow(visible);
    const hub = this.#sources.state();
    const rows = this.#sorted.map((host) => this.#rowOf(host, { hub, facts }));
    const isSame = rows.length === this.#rows.length &&
      rows.every((row, index) => row === this.#rows[index]);
    if (!isSame) this.#rows = rows;
    return this.#rows;
  }

  find(name: string): HostRow | null {
    return this.#known.get(name)?.row ?? null;
  }

  #follow(visible: HostList): void {
    this.#list = visible;
    this.#sorted = byName(visible.hosts.values());
    for (const name of this.#known.keys()) {
      if (!visible.hosts.has(name)) this.#known.delete(name);
    }
  }

  #rowOf(
    host: Host,
    { hub, facts }: { readonly hub: HubState; readonly facts: CallFacts },
  ): HostRow {
    const { name } = host;
    const inputs: Inputs = {
      host,
      hub,
      state: this.#sources.linkTo(host).health.state(),
      since: this.#sources.history.sinceOf(name),
      running: facts.running.get(name) ?? 0,
      last: facts.last.get(name),
    };
    const known = this.#known.get(name);
    if (known !== undefined && areSame(known.inputs, inputs)) return known.row;
    const fresh = toRow(inputs);
    const row = known !== undefined && isDeepStrictEqual(known.row, fresh) ? known.row : fresh;
    this.#known.set(name, { inputs, row });
    return row;
  }
}

function areSame(a: Inputs, b: Inputs): boolean {
  return a.state === b.state && a.running === b.running && a.last === b.last &&
    a.since === b.since && a.host === b.host && a.hub === b.hub;
}

function toRow({ host, hub, state, since, running, last }: Inputs): HostRow {
  const reason = state === null ? null : reasonOf(state);
  return {
    name: host.name,
    status: state === null ? "unknown" : state.via ?? "down",
    reason: reason === null ? null : shownText(reason, hub, MAX_REASON),
    since: state === null ? null : since,
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

function reasonOf({ up, detail, fallbackReason }: HostState): string | null {
  return up ? fallbackReason ?? null : detail;
}
