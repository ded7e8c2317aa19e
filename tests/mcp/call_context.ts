import type { CallContext } from "../../lib/mcp/tool.ts";
import { openRoom } from "./open_room.ts";
import { callRecord } from "../calls/record.ts";

/** What a tool is given with a call that nobody ends, but for what a test cares about. */
export function callContext(parts: Partial<CallContext> = {}): CallContext {
  return {
    signal: new AbortController().signal,
    principal: "ann",
    traceparent: null,
    reportProgress: () => {},
    meta: {},
    goOn: () => () => {},
    record: callRecord({ deliveries: [] }),
    room: openRoom(),
    ...parts,
  };
}
