import { CHAOS_TOOLS, type ChaosTool, type Workplace } from "../chaos/calls.ts";
import type { Random } from "../chaos/random.ts";
import { createNonce, type Nonce } from "../../tests/lab/executions.ts";
import type { SoakHub } from "./hub_process.ts";

/** A call of an honest client. */
export interface SoakCall {
  readonly tool: ChaosTool;
  readonly nonce: Nonce;
  /** What the hub said came of it; null: it was killed before it answered. */
  readonly outcome: string | null;
  readonly ms: number;
}

/** How calls are made. */
export interface SoakCallsOptions {
  readonly hub: SoakHub;
  readonly token: string;
  readonly hosts: readonly string[];
  readonly perSecond: number;
  readonly random: Random;
  readonly place: Workplace;
  readonly signal: AbortSignal;
}

/** Starts calls at an even pace until the signal aborts; returns them when all have ended. */
export async function makeCalls(options: SoakCallsOptions): Promise<SoakCall[]> {
  const { perSecond, signal } = options;
  const running: Promise<SoakCall>[] = [];
  // Where a connection that was kept breaks, fetch() sends a call again.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  while (!signal.aborted) {
    running.push(callOnce(options, client));
    await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond));
  }
  return await Promise.all(running);
}

async function callOnce(
  { hub, token, hosts, random, place }: SoakCallsOptions,
  client: Deno.HttpClient,
): Promise<SoakCall> {
  const tool = random.pick(CHAOS_TOOLS);
  const nonce = createNonce();
  const params = {
    name: tool.name,
    arguments: { host: random.pick(hosts), ...tool.args(nonce, place) },
  };
  const startedAt = performance.now();
  const outcome = await ask(hub, token, { params, client }).catch(() => null);
  return { tool, nonce, outcome, ms: performance.now() - startedAt };
}

async function ask(
  hub: SoakHub,
  token: string,
  { params, client }: { readonly params: unknown; readonly client: Deno.HttpClient },
): Promise<string> {
  const response = await fetch(`${hub.url}?results=structured`, {
    method: "POST",
    client,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  const { result } = await response.json();
  return String(result?.structuredContent?.outcome);
}
