import { foreignText } from "../../base/text/foreign_text.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { foldNames } from "../../targets/fold_names.ts";

/** Characters of what is wrong with a host. */
const MAX_ERROR = 300;

/** What a run would do on one host. */
export interface PlannedHost {
  readonly host: Host;
  /** Of its batch, from 1 on. */
  readonly batch: number;
  /** As far as it is known now. */
  readonly state: HostState | undefined;
  /** Why nothing may be run there; null: it may. */
  readonly refusal: string | null;
}

/** What a run would do, for its caller: which hosts, in which batches, which way, and what forbids it. */
export function describePlan(planned: readonly PlannedHost[]): string {
  const groups = Map.groupBy(planned, describeWay);
  const batches = [...Map.groupBy(planned, ({ batch }) => batch).values()];
  const count = planned.length === 1 ? "1 host" : `${planned.length} hosts`;
  const isForbidden = planned.some(({ refusal }) => refusal !== null);
  return [
    `dry run, nothing was run: ${count}`,
    ...(batches.length === 1 ? [] : [describeBatches(batches)]),
    ...[...groups].map(([way, group]) => `${namesOf(group)}: ${way}`),
    ...(isForbidden ? ["The whole run would be refused."] : []),
  ].join("\n");
}

/** Batches that are listed with their hosts. */
const MAX_BATCHES = 10;

function describeBatches(batches: readonly (readonly PlannedHost[])[]): string {
  const shown = batches.slice(0, MAX_BATCHES).map(namesOf).join(", then ");
  const more = batches.length - MAX_BATCHES;
  return `${batches.length} batches: ${shown}${more > 0 ? `, and ${more} more` : ""}`;
}

function namesOf(planned: readonly PlannedHost[]): string {
  const names = foldNames(planned.map(({ host }) => host.name));
  return planned.length === 1 ? names : `${names} (${planned.length})`;
}

function describeWay({ state, refusal }: PlannedHost): string {
  if (refusal !== null) return `REFUSED: ${refusal}`;
  if (state === undefined) return "not known whether it is up";
  if (state.up) return `over ${state.via}`;
  return `down, it would be tried: ${foreignText(state.detail ?? "no answer", MAX_ERROR)}`;
}
