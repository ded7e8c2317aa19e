import { createByteBudget } from "../../lib/fleet/byte_budget.ts";
import { createDispatch, type Dispatch } from "../../lib/fleet/dispatch.ts";
import { createHealth } from "../../lib/fleet/health.ts";
import { openSshdTarget, type SshdTarget } from "../fleet/ssh/target.ts";
import type { TestSshdOptions } from "../sshd.ts";
import { type CallRemote, createCaller } from "./tool_calls.ts";

/** The hub's tools for a host `target` whose backend is down, so that all goes over ssh. */
export interface SshTools extends AsyncDisposable {
  readonly call: CallRemote;
  readonly target: SshdTarget;
  /** A private directory on the host, which is this machine. */
  readonly directory: string;
}

/** Why lmcp fails there. */
export const DOWN = "connect: connection refused";

/** Opens the tools on a real sshd. */
export async function openSshTools(
  options: TestSshdOptions & { readonly maxReadBytes?: number } = {},
): Promise<SshTools> {
  const target = await openSshdTarget(options);
  const directory = await Deno.makeTempDir({ prefix: "host-" });
  return {
    target,
    directory,
    call: createCaller({ dispatch: dispatchOver(target, options.maxReadBytes ?? Infinity) }),
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function dispatchOver({ ssh }: SshdTarget, maxReadBytes: number): Dispatch {
  const clocks = { monotonic: () => performance.now(), wall: () => Date.now() };
  return createDispatch({
    ssh,
    budget: createByteBudget(maxReadBytes),
    health: createHealth({ upMs: 1, downMinMs: 1, downMaxMs: 1 }, clocks),
    tryLmcp: () => Promise.resolve({ kind: "failed", reason: DOWN, knowledge: "did_not_run" }),
  });
}
