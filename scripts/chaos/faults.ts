import {
  close,
  endlessBody,
  reset,
  silent,
  slow,
  trickle,
  truncated,
} from "../../tests/lab/faults/connection.ts";
import type { Fault } from "../../tests/lab/faults/fault.ts";
import {
  badJson,
  busyEventStream,
  byteOrderMark,
  emptyEventStream,
  endlessEventStream,
  eventStream,
  redirect,
  status,
  type StatusBody,
  wrongContentType,
} from "../../tests/lab/faults/http.ts";
import { foreignId, rpcError, toolError, unknownTool } from "../../tests/lab/faults/rpc.ts";
import type { Random } from "./random.ts";

const PLAIN: readonly Fault[] = [
  ...[close, reset, silent, slow, trickle, truncated, endlessBody],
  ...[badJson, emptyEventStream, endlessEventStream, eventStream, wrongContentType],
  ...[busyEventStream, byteOrderMark, foreignId, toolError, unknownTool],
  ...[302, 307].map((code) => redirect(code, "http://127.0.0.1:1/mcp")),
];
const BODIES: readonly StatusBody[] = [
  "nothing",
  "a text",
  "a JSON-RPC error",
  "a JSON-RPC error to the call",
];

/** Any fault: one of those with a name of their own, any HTTP status, any JSON-RPC error. */
export function pickFault(random: Random): Fault {
  switch (random.pick(["plain", "plain", "status", "rpc"])) {
    case "status":
      return status(100 + Math.floor(random.next() * 500), random.pick(BODIES));
    case "rpc":
      return rpcError(random.pick([0, 1, -32_768 + Math.floor(random.next() * 769)]));
    default:
      return random.pick(PLAIN);
  }
}
