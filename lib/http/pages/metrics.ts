import type { Route } from "../handler.ts";
import { textResponse } from "../response.ts";

/** What `/metrics` is made from. */
export interface MetricsRouteOptions {
  /** The metrics as text, and their content type. */
  readonly read: () => Promise<{ readonly text: string; readonly contentType: string }>;
  /** Whether they need no token. */
  readonly isPublic: boolean;
  /** Whether a caller may see what concerns all hosts. */
  readonly seesAllHosts: (principal: string) => boolean;
}

/** `/metrics`: for anyone where they are public, else for those who may see all hosts. */
export function metricsRoute({ read, isPublic, seesAllHosts }: MetricsRouteOptions): Route {
  return {
    path: "/metrics",
    needsToken: !isPublic,
    handle: async function answerMetrics(_request, principal) {
      if (principal !== null && !seesAllHosts(principal.name)) {
        return textResponse(403, "The metrics name all hosts, of which you may see some\n");
      }
      const { text, contentType } = await read();
      return textResponse(200, text, contentType);
    },
  };
}
