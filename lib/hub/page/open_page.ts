import type { Clock } from "../../base/time/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Authenticator } from "../../http/auth.ts";
import type { Site } from "../../http/handler.ts";
import type { SiteServer } from "../../http/listen.ts";
import { createSite } from "../../http/pages/fleet/site.ts";
import type { McpServer } from "../../mcp/server.ts";
import type { Fleet } from "../fleet.ts";
import type { HubState } from "../state.ts";
import type { PageApprovals } from "./approvals.ts";
import { createOpenView } from "./open_view.ts";
import type { Recording } from "./recording.ts";
import type { Sources } from "./sources.ts";
import { createCallTool } from "./actions/call_tool.ts";
import { createWatchers } from "./watching/watchers.ts";

/** What the page is put together from. */
export interface PageParts {
  readonly state: () => HubState;
  readonly fleet: Pick<Fleet, "linkTo" | "prober">;
  readonly recording: Pick<Recording, "history" | "changes">;
  /** Default: nobody is asked. */
  readonly approvals?: PageApprovals;
  readonly calls: Sources["calls"];
  readonly server: Pick<McpServer, "handle">;
  readonly authenticate: Authenticator;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "error">;
}

/** The fleet page, which probes nothing any more once it is disposed of. */
export interface OpenPage extends Disposable {
  readonly site: Site;
}

/** Puts the fleet page together. */
export function openPage(parts: PageParts, server: SiteServer): OpenPage {
  const { fleet, recording: { history, changes } } = parts;
  const { linkTo, prober: { probe } } = fleet;
  const sources = { ...parts, linkTo, history };
  const watchers = createWatchers({ ...sources, changes, probe });
  const openView = createOpenView({
    ...sources,
    version: changes.version,
    watchers,
    callTool: createCallTool(parts),
  });
  return {
    site: createSite({ ...server, authenticate: parts.authenticate, openView }),
    [Symbol.dispose]: () => watchers[Symbol.dispose](),
  };
}
