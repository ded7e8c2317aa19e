import type { Host } from "../../fleet/host.ts";
import type { CallRow, HostDetail, HostRow } from "../../http/pages/fleet/model.ts";
import type { HubState } from "../state.ts";
import { type PastRows, runningCalls, toRunningRow } from "./calls.ts";
import { describeRules } from "./rules.ts";
import { shownText, type Sources } from "./sources.ts";
import type { PageViewer } from "./viewer.ts";

/** Recent calls of one host that are shown. */
const MAX_RECENT = 100;

/** What a host's own page shows, but for what differs with each request. */
export type ShownDetail = Omit<HostDetail, "viewer" | "now">;

/** What is known of a host, for one viewer. */
export function toDetail(
  host: Host,
  row: HostRow,
  { viewer, sources, past }: {
    readonly viewer: PageViewer;
    readonly sources: Sources;
    readonly past: PastRows;
  },
): ShownDetail {
  const { history, state } = sources;
  const hub = state();
  const { principal } = viewer;
  return {
    row,
    spans: history.spansOf(host.name).map((span) => ({
      ...span,
      reason: span.reason && shownText(span.reason, hub),
    })),
    latencies: history.latenciesOf(host.name),
    calls: callsOf(host, viewer, { sources, past }),
    rules: describeRules(host, { principal, hub }),
    agent: agentOf(host, sources, hub),
    jobs: jobRights(host, principal, hub),
  };
}

function callsOf(
  { name }: Host,
  { maySee }: PageViewer,
  { sources, past }: { readonly sources: Sources; readonly past: PastRows },
): readonly CallRow[] {
  const hub = sources.state();
  const running = runningCalls(sources)
    .filter((call) => call.hosts.includes(name) && maySee({ ...call, names: call.hosts }));
  const recent = sources.history.calls()
    .filter((call) => call.names.includes(name) && maySee(call)).slice(0, MAX_RECENT);
  return [
    ...running.toReversed().map((call) => toRunningRow(call, hub)),
    ...recent.map((call) => past.rowOf(call, hub)),
  ];
}

function agentOf(host: Host, { linkTo }: Sources, hub: HubState): ShownDetail["agent"] {
  const { backends, health } = linkTo(host);
  const known = backends.find(({ backend }) => backend.identity !== null);
  const identity = known?.backend.identity ?? null;
  if (identity === null) return null;
  const { name, version, protocol } = identity;
  return {
    name: shownText(name, hub),
    version: shownText(version, hub),
    protocol,
    claims: (known?.backend.claims ?? null) !== null,
    tools: health.state()?.toolCount ?? null,
  };
}

/** What a principal may do with the jobs of a host. */
export function jobRights(
  host: Host,
  principal: string,
  { access }: Pick<HubState, "access">,
): HostDetail["jobs"] {
  const may = (tool: "remote_jobs" | "remote_output" | "remote_kill") =>
    access.findRefusal(principal, { tool, host, byName: true }) === null;
  return { list: may("remote_jobs"), output: may("remote_output"), end: may("remote_kill") };
}
