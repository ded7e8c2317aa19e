import type { OperatedCalls } from "../../mcp/in_flight.ts";
import type { LiveOptions } from "../live.ts";
import type { HubServices, ServicesOptions } from "./services.ts";

/** What follows the hub's configuration beside the services. */
export interface ListenersOptions extends Pick<ServicesOptions, "log"> {
  /** The calls that run. */
  readonly calls: () => OperatedCalls;
}

/** What a hub does when its configuration has changed. */
export function listenersOf(
  { recording, sharing, approvals }: HubServices,
  { calls, log }: ListenersOptions,
): Pick<LiveOptions, "onGone" | "onNarrowed" | "onReload"> {
  return {
    onGone: (principals) => {
      endCallsOf(principals, calls());
      sharing.outputs.forget(principals);
      recording?.onGone(principals);
      approvals.gate.forget(principals).catch((error) =>
        log.error("approvals were not forgotten", { error })
      );
      sharing.onGone(principals);
    },
    // Some of what is kept can come from hosts that they may not read any more.
    onNarrowed: sharing.outputs.forget,
    onReload: (former) => {
      recording?.onReload(former);
      approvals.serveIfNeeded();
      sharing.onReload();
    },
  };
}

/** Whoever is no longer accepted gets no more answers. */
function endCallsOf(principals: readonly string[], { list, end }: OperatedCalls): void {
  for (const { id, principal } of list()) {
    if (principals.includes(principal)) end(id);
  }
}
