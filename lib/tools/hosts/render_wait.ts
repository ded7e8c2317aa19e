import { foreignText } from "../../base/text/foreign_text.ts";
import { foldNames } from "../../targets/fold_names.ts";
import type { Goal, Watched } from "./watch.ts";

const REACHED: Readonly<Record<Goal, string>> = { up: "up", down: "down", reboot: "rebooted" };
/** Characters of what is wrong with a host. */
const MAX_DETAIL = 300;

/** What a wait came to: how many hosts reached the goal, and how the hosts are, alike ones together. */
export function renderWait(
  watched: readonly Watched[],
  { goal, seconds }: { readonly goal: Goal; readonly seconds: number },
): string {
  const reached = watched.filter(({ isReached }) => isReached).length;
  const all = watched.length;
  const summary = reached === all
    ? `${all === 1 ? "1 host is" : `all ${all} hosts are`} ${REACHED[goal]}, after ${seconds} s`
    : `timed out after ${seconds} s: ${reached} of ${all} hosts ${REACHED[goal]}`;
  const groups = Map.groupBy(watched, (seen) => describe(seen, goal));
  const lines = [...groups].map(([text, group]) =>
    `${foldNames(group.map(({ host }) => host.name))}: ${text}`
  );
  return [summary, ...lines].join("\n");
}

function describe({ isReached, state, boot }: Watched, goal: Goal): string {
  if (!state.up) return `down: ${foreignText(state.detail ?? "no answer", MAX_DETAIL)}`;
  const up = `up over ${state.via}`;
  if (goal !== "reboot") return up;
  if (isReached) return `rebooted, ${up}`;
  return boot?.id === null && boot.bootedAt === null
    ? `${up}, and does not say when it started`
    : `${up}, not rebooted`;
}
