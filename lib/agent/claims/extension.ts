import type { Extension } from "../../mcp/extension.ts";
import type { JsonObject } from "../../mcp/message.ts";
import { foundToJson } from "../../work/claims/found.ts";
import { META_CLAIMS, readSettleRequest, SETTLE_METHOD } from "../../work/claims/protocol.ts";
import type { AgentClaimFolder } from "./folder.ts";
import type { Keeper } from "./keeper.ts";

/** What an agent says of its claims, and lets others ask. */
export function claimsExtension(folder: AgentClaimFolder, keeper: Keeper): Extension {
  return {
    announce: async () => {
      const opened = await folder.opened();
      if (typeof opened === "string") return { [META_CLAIMS]: {} };
      const { directory, id, boot } = opened;
      return { [META_CLAIMS]: { directory, id, boot } };
    },
    methods: new Map([[SETTLE_METHOD, settle]]),
  };

  async function settle(params: JsonObject, gone: AbortSignal): Promise<JsonObject> {
    const request = readSettleRequest(params);
    if (request === null) return { state: "unable", reason: "the request cannot be read" };
    return foundToJson(await keeper.settle(request, gone));
  }
}
