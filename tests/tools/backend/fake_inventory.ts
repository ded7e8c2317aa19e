import type { BackendTool } from "../../../lib/fleet/backend/tool_list.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import type { Inventory, Offer, Question } from "../../../lib/fleet/inventory.ts";

/** What a host's backend says when it is asked for its tools: some, or why it gives no answer. */
export type Says = readonly Partial<BackendTool>[] | string;

/** An `Inventory` without a network, which notes whom it asks. */
export interface FakeInventory extends Inventory {
  /** Names of the hosts that were asked, in order. */
  readonly asked: readonly string[];
}

/** Makes an inventory in which each host says what it is made to say. */
export function createFakeInventory(says: (host: Host) => Says = () => []): FakeInventory {
  const asked: string[] = [];

  function ask<T>(host: Host, { pick }: Question<T>): Offer<T> {
    asked.push(host.name);
    const said = says(host);
    if (typeof said === "string") {
      return { kind: "unknown", via: "lmcp", reason: said, mayHaveRun: false };
    }
    const tools = said.map((tool) => ({ name: "a", description: "", inputSchema: null, ...tool }));
    return { kind: "known", via: "lmcp", tools: pick(tools, host), unusable: 0 };
  }

  return {
    asked,
    ofHost: (host, question) => Promise.resolve(ask(host, question)),
    ofHosts: (hosts, question) =>
      Promise.resolve(new Map(hosts.map((host) => [host, ask(host, question)]))),
  };
}
