import type { Clock } from "../base/time/clock.ts";
import { foreignText } from "../base/text/foreign_text.ts";
import type { Logger } from "../base/log.ts";
import { createRate } from "../base/time/rate.ts";
import type { Denial } from "../calls/denial.ts";

/** How many are reported at once, and how long it takes until one more is. */
const DENIALS = { burst: 60, refillMs: 10_000 };

/** Who learns of requests without a valid token. */
export interface DenialReports {
  readonly log: Logger;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Called with those that are logged. */
  readonly onDenied: (denial: Denial) => void;
}

/** Reports requests without a valid token, a bounded number of them. */
export interface Denials extends Disposable {
  /** Default: it had a token if there is an `Authorization`, and nothing more is known. */
  readonly report: (
    request: Request,
    remote: Deno.Addr | null,
    options?: Pick<Denial, "hadToken" | "reason" | "claimed">,
  ) => void;
}

/** Makes a `Denials`. */
export function createDenials({ log, clock, onDenied }: DenialReports): Denials {
  const rate = createRate({
    ...DENIALS,
    clock,
    onLeftOut: (_key, count) => log.warn("more requests without a valid token", { count }),
  });
  return {
    report: function reportDenied(request, remote, options = hadTokenOf(request)) {
      if (!rate.admits("")) return;
      const denial = { ...options, ...describeOrigin(request, remote) };
      log.warn("a request without a valid token was refused", { ...denial });
      onDenied(denial);
    },
    [Symbol.dispose]: () => rate[Symbol.dispose](),
  };
}

function hadTokenOf({ headers }: Request): Pick<Denial, "hadToken"> {
  return { hadToken: headers.has("authorization") };
}

function describeOrigin(
  { url, headers }: Request,
  remote: Deno.Addr | null,
): Omit<Denial, "hadToken" | "reason" | "claimed"> {
  const forwardedFor = headers.get("x-forwarded-for");
  return {
    remote: remote !== null && "hostname" in remote ? remote.hostname : null,
    forwardedFor: forwardedFor === null ? null : foreignText(forwardedFor),
    path: foreignText(URL.parse(url)?.pathname ?? url),
  };
}
