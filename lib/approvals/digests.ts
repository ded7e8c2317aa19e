import { createHash } from "node:crypto";
import { hostsOfIntent, type Intent } from "../calls/intent.ts";
import { inOrder } from "../mcp/json/in_order.ts";
import type { JsonObject } from "../mcp/message.ts";
import type { CallDigests } from "./store.ts";

/** What a call is, beside its principal and its tool. */
export interface DigestedCall {
  readonly args: JsonObject;
  readonly intent: Intent;
  /** Where a host is, as its entry in the registry says. */
  readonly placeOf: (host: string) => string;
}

/** The digests of a call: two with the same do the same, on the same machines. */
export function digestsOf({ args, intent, placeOf }: DigestedCall): CallDigests {
  const hosts = hostsOfIntent(intent).map((host) => [host, placeOf(host)]);
  return {
    arguments: digest([inOrder(args), intent.command?.text ?? null]),
    hosts: digest(hosts),
  };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
