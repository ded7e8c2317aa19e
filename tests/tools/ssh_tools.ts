import { systemClock } from "../../lib/base/time/clock.ts";
import { createBudget } from "../../lib/calls/budget.ts";
import { createDispatch, type Dispatch } from "../../lib/fleet/dispatch.ts";
import { createHealth } from "../../lib/fleet/health.ts";
import { createSshTransport } from "../../lib/fleet/ssh/transport.ts";
import { missingTransport } from "../../lib/fleet/transport.ts";
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
  const refusing = { ...missingTransport("lmcp", DOWN, () => true), missing: null };
  return createDispatch({
    budget: createBudget(() => maxReadBytes),
    linkTo: (host) => ({
      host,
      health: createHealth({ upMs: 1, downMinMs: 1, downMaxMs: 1 }, systemClock),
      backends: [],
      transports: [
        refusing,
        createSshTransport(host, {
          ssh,
          probesReuse: false,
          claims: () => null,
          now: systemClock.now,
        }),
      ],
      now: systemClock.now,
      wall: systemClock.wall,
    }),
  });
}
