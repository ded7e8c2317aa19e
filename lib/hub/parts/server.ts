import { VERSION } from "../../base/version.ts";
import type { HubSettings } from "../../config/settings.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { ResultProfile } from "../../mcp/profile.ts";
import { createServer, type McpServer } from "../../mcp/server.ts";
import { createProfiles } from "../../tools/profiles.ts";
import { INSTRUCTIONS } from "../instructions.ts";
import type { Monitoring } from "../monitoring.ts";
import type { HubState } from "../state.ts";
import type { HubResources } from "./resources.ts";
import type { HubServices } from "./services.ts";

/** Options of `createHubServer()`. */
export interface HubServerOptions extends HubResources, Pick<HubServices, "recording" | "sharing"> {
  readonly settings: HubSettings;
  readonly state: () => HubState;
  readonly monitoring: Pick<Monitoring, "onCall">;
}

/** The hub's MCP server: each principal has the tools that its state allows now. */
export function createHubServer(options: HubServerOptions): McpServer {
  const { settings, state, recording, sharing, monitoring, capacity, clock, log } = options;
  const profiles = createProfiles({ outputs: sharing.outputs, clock, settings: settings.answers });

  function toolsOf(principal: string, asked: ResultProfile | null) {
    const { access, configuration } = state();
    const { clients } = configuration.registry;
    const results = asked ?? clients.get(principal)?.results ?? configuration.settings.results;
    return profiles(access.toolsFor(principal), results);
  }

  return createServer({
    name: settings.name,
    version: VERSION,
    instructions: INSTRUCTIONS,
    tools: toolsOf,
    log: log.error,
    onCall: function onCall(call) {
      monitoring.onCall(call);
      recording?.onCall(call);
      sharing.onCall();
    },
    maxCalls: capacity.maxCalls,
    answers: options.answers,
    pause: options.pause,
    claimantOf,
    ...(sharing.onCancel && { onCancel: sharing.onCancel }),
    clock,
  });
}
