import type { Route } from "../handler.ts";
import { textResponse } from "../response.ts";

/** `/healthz`: 200, or 503 while the hub is stopping; for anyone, and without details. */
export function healthRoute(isStopping: () => boolean): Route {
  return {
    path: "/healthz",
    needsToken: false,
    handle: function answerHealth() {
      return isStopping() ? textResponse(503, "stopping\n") : textResponse(200, "ok\n");
    },
  };
}
