import { z } from "zod";
import { within } from "../base/time/within.ts";
import { defineTool, type Tool } from "../mcp/tool.ts";
import type { Outputs } from "../outputs/store.ts";
import { luaQuote } from "./lua_quote.ts";
import { noSuchOutput, outputIdArgument } from "./output.ts";

/** How long is waited until a call has ended. */
const END_MS = 5_000;

/** `remote_kill`: ends a call that goes on after its answer. */
export function remoteKill({ outputs }: { readonly outputs: Outputs }): Tool {
  return defineTool({
    name: "remote_kill",
    title: "End a call that still runs",
    description: 'End a call that was answered with "still running", by its id. A command is ' +
      "ended with all its children.",
    input: z.strictObject({ id: outputIdArgument }),
    output: z.object({
      id: z.string(),
      state: z.string().describe("ended, or ending: it takes more than 5 s"),
    }),
    readOnly: false,
    idempotent: true,
    run: async ({ id }, { principal, signal }) => {
      const found = outputs.find(principal, id);
      if (found === null) return noSuchOutput(id);
      if (found.kind !== "running") {
        return shown(id, "ended", `${luaQuote(id)} has ended already`);
      }
      found.end();
      const ended = await within(found.ended.then(() => "ended" as const), END_MS, signal);
      return ended === "ended"
        ? shown(id, "ended", `${luaQuote(id)} was ended: remote_output shows what is known of it`)
        : shown(id, "ending", `${luaQuote(id)} was asked to end, and has not yet`);
    },
  });
}

function shown(id: string, state: "ended" | "ending", text: string) {
  return { content: [{ type: "text" as const, text }], structuredContent: { id, state } };
}
