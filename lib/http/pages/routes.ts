import type { Route } from "../handler.ts";

/** What the pages beside the MCP endpoint are made from. */
export interface RouteOptions {
  /** Whether the hub no longer takes calls. */
  readonly isStopping: () => boolean;
  /** The metrics as text, and their content type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>;
  /** Whether the metrics need no token. */
  readonly metricsPublic: boolean;
  /** Whether a caller may see what concerns all hosts. */
  readonly seesAllHosts: (principal: string) => boolean;
}

/** `/healthz`: 200, or 503 while stopping, to anyone and with no details; and `/metrics`. */
export function createRoutes(options: RouteOptions): readonly Route[] {
  const { isStopping, metrics, metricsPublic, seesAllHosts } = options;
  return [
    {
      path: "/healthz",
      needsToken: false,
      handle: () => isStopping() ? text(503, "stopping\n") : text(200, "ok\n"),
    },
    {
      path: "/metrics",
      needsToken: !metricsPublic,
      handle: async (_request, principal) => {
        if (principal !== null && !seesAllHosts(principal.name)) {
          return text(403, "The metrics name all hosts, of which you may see some\n");
        }
        const page = await metrics();
        return text(200, page.text, page.contentType);
      },
    },
  ];
}

function text(status: number, body: string, contentType = "text/plain; charset=utf-8"): Response {
  const headers = { "content-type": contentType, "cache-control": "no-store" };
  return new Response(body, { status, headers });
}
