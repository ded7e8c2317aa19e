import { createLazySite, type LazySite } from "../page/lazy_site.ts";
import type { PageParts } from "../page/open_page.ts";
import type { JoinedHub } from "../sharing/join.ts";
import type { McpServer } from "../../mcp/server.ts";
import type { HubServices } from "./services.ts";

/** Options of `openSite()`. */
export interface SiteOptions
  extends
    Pick<PageParts, "state" | "authenticate" | "clock" | "log">,
    Pick<HubServices, "recording" | "fleet" | "approvals"> {
  readonly server: Pick<McpServer, "handle" | "calls">;
  /** The hub among others, whose calls are shown too; null: it is alone. */
  readonly joined: Pick<JoinedHub, "calls"> | null;
}

/** The fleet page; null where nobody can look at it. */
export function openSite(options: SiteOptions): LazySite | null {
  const { recording, approvals, server, joined } = options;
  if (recording === null) return null;
  const { history, calls } = joined?.calls ??
    { history: recording.history, calls: server.calls };
  return createLazySite({
    ...options,
    approvals: approvals.page,
    recording: { history, changes: recording.changes },
    calls,
  });
}
