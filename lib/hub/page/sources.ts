import type { Clock } from "../../base/time/clock.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { Host } from "../../fleet/host.ts";
import type { Link } from "../../fleet/link.ts";
import type { HistoryReader } from "../../history/reader.ts";
import type { OperatedCalls } from "../../mcp/in_flight.ts";
import type { PageApprovals } from "./approvals.ts";
import type { HubState } from "../state.ts";

/** The calls that run, also those of other hubs. */
export interface ShownCalls extends Omit<OperatedCalls, "end"> {
  /** Ends the call of that id, whichever hub runs it; false: it does not run. */
  readonly end: (id: string) => boolean | Promise<boolean>;
}

/** What the page is made from. */
export interface Sources {
  readonly state: () => HubState;
  readonly linkTo: (host: Host) => Link;
  readonly history: HistoryReader;
  /** Default: nobody is asked. */
  readonly approvals?: PageApprovals;
  readonly calls: ShownCalls;
  readonly clock: Pick<Clock, "wall">;
}

/** A text of somebody else, as it may be shown; secrets first, or half of one shows. */
export function shownText(text: string, { redact }: Pick<HubState, "redact">, max = 200): string {
  return foreignText(redact(text), max);
}
