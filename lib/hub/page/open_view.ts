import type { Logger } from "../../base/log.ts";
import { getOrAdd } from "../../base/get_or_add.ts";
import type { FleetView, OpenView } from "../../http/pages/fleet/view.ts";
import { MAX_EXPRESSION_CHARS } from "../../targets/expression.ts";
import { resolveHosts } from "../../tools/targets_argument.ts";
import { answerApproval, NO_APPROVALS } from "./approvals.ts";
import { PastRows, runningCalls } from "./calls.ts";
import { jobRights, toDetail } from "./detail.ts";
import { endJob, listJobs, readJobOutput } from "./actions/jobs.ts";
import { Snapshots } from "./snapshots.ts";
import { shownText, type Sources } from "./sources.ts";
import type { CallTool } from "./actions/call_tool.ts";
import { type PageViewer, viewerOf } from "./viewer.ts";
import type { Watchers } from "./watching/watchers.ts";

/** Principals whose snapshots are kept for the next time that they look. */
const MAX_PRINCIPALS = 16;

/** Options of `createOpenView()`. */
export interface ViewOptions extends Sources {
  /** Differs from what it was when something has changed. */
  readonly version: () => number;
  readonly watchers: Watchers;
  readonly callTool: CallTool;
  readonly log: Pick<Logger, "info">;
}

/** Makes the views of a hub's fleet. */
export function createOpenView(options: ViewOptions): OpenView {
  const past = new PastRows();
  const kept = new Map<string, Snapshots>();

  function snapshotsOf(principal: string): Snapshots {
    const snapshots = getOrAdd(kept, principal, () => new Snapshots(principal, options, past));
    const [first] = kept.keys();
    if (kept.size > MAX_PRINCIPALS && first !== undefined) kept.delete(first);
    return snapshots;
  }

  return function openView(principal) {
    const snapshots = snapshotsOf(principal);
    const snapshot = () => snapshots.read(options.watchers.areThere() ? options.version() : null);
    return {
      snapshot,
      sparklines: () => snapshots.sparklines(),
      host: (name) => {
        const viewer = viewerOf(principal, options);
        const host = viewer.visible.hosts.get(name);
        snapshot();
        const row = snapshots.rowOf(name);
        if (host === undefined || row === null) return null;
        return toDetail(host, row, { viewer, sources: options, past });
      },
      match: (targets) => match(targets, viewerOf(principal, options), options),
      watch: (listener) => options.watchers.add(principal, listener),
      answerApproval: (answer) =>
        answerApproval(answer, { principal, approvals: options.approvals ?? NO_APPROVALS }),
      endCall: (id) => endCall(id, viewerOf(principal, options), options),
      ...actionsOf(principal, options),
    };
  };
}

/** What is done by calling tools, as the principal may. */
function actionsOf(
  principal: string,
  { callTool, state }: ViewOptions,
): Pick<FleetView, "probe" | "jobs" | "jobOutput" | "endJob"> {
  const mayEndJobs = (name: string) => {
    const { access } = state();
    const host = access.hostsFor(principal).hosts.get(name);
    return host !== undefined && jobRights(host, principal, { access }).end;
  };
  return {
    probe: async (targets, signal) => {
      const args = { targets: targets.trim() === "" ? "@all" : targets, force: true };
      const answer = await callTool({ principal, tool: "remote_list_hosts", args, signal });
      return answer.kind === "problem" ? answer.problem : null;
    },
    jobs: (host, signal) =>
      listJobs(host, { callTool, hub: state(), principal, signal, mayEnd: mayEndJobs(host) }),
    jobOutput: (wanted, signal) =>
      readJobOutput(wanted, { callTool, hub: state(), principal, signal }),
    endJob: (job, signal) => endJob(job, { callTool, principal, signal }),
  };
}

function match(
  targets: string,
  { visible }: PageViewer,
  { state }: ViewOptions,
): ReturnType<FleetView["match"]> {
  if (visible.hosts.size === 0) return { kind: "hosts", names: [] };
  if (targets.length > MAX_EXPRESSION_CHARS) {
    return { kind: "problem", problem: `it has more than ${MAX_EXPRESSION_CHARS} characters` };
  }
  const resolved = resolveHosts(targets.trim() === "" ? "@all" : targets, visible);
  return resolved.kind === "refused"
    ? { kind: "problem", problem: shownText(resolved.reason, state(), 500) }
    : { kind: "hosts", names: resolved.targets.map(({ name }) => name) };
}

/** An operator ends any call, a client its own; the page's own are not shown, and end with it. */
async function endCall(
  id: string,
  { maySee, principal }: PageViewer,
  options: ViewOptions,
): Promise<string | null> {
  const call = runningCalls(options).find((call) => call.id === id);
  const isSeen = call !== undefined && maySee({ ...call, names: call.hosts });
  if (!isSeen || !await options.calls.end(id)) return "this call does not run any more";
  options.log.info("a call was ended on the fleet page", { id, tool: call.tool, by: principal });
  return null;
}
