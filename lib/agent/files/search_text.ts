import { z } from "zod";
import { createRedact, type Redact } from "../../base/text/redact.ts";
import type { Secret } from "../../base/secret.ts";
import { isJsonObject } from "../../mcp/message.ts";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { attempt } from "../../work/failure.ts";
import { searchArguments, searchProcedure } from "../../work/files/search.ts";
import type { Reply } from "../../work/reply.ts";
import type { RunBash } from "../bash.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { MIN_TOKEN_CHARACTERS } from "../read_file.ts";
import type { Root } from "./root.ts";

const SEARCH_MS = 120_000;

const line = z.object({ path: z.string(), line: z.int(), text: z.string() });
const output = z.object({
  matches: z.array(z.string()).describe("Paths, of a search for names").optional(),
  lines: z.array(line).describe("Lines that match").optional(),
  truncated: z.boolean().describe("Whether there may be more"),
});

/** Options of `createSearchTextTool()`. */
export interface SearchTextOptions {
  readonly root: Root;
  readonly runBash: RunBash;
  /** This agent's own token, which no line shows; null: there is none. */
  readonly token: Secret | null;
}

/** `search_text`: lines of files that match a regular expression, or paths, as over ssh. */
export function createSearchTextTool({ root, runBash, token }: SearchTextOptions): Tool {
  const isLong = token !== null && token.reveal().length >= MIN_TOKEN_CHARACTERS;
  const redact = createRedact(isLong ? [token] : []);
  return defineAgentTool({
    name: "search_text",
    title: "Search in files",
    description: "Find lines of text files on this machine that match a regular expression (of " +
      "ripgrep, or else of grep -E), or with no content paths by name.",
    input: z.strictObject({
      path: wordArgument("File or directory to search").default(root.path),
      ...searchArguments,
    }),
    output,
    readOnly: true,
    run: async ({ path, ...wishes }, { signal }) => {
      const start = path || root.path;
      const places = await attempt(
        "search",
        start,
        async () =>
          wishes.content === undefined
            ? { names: await root.limit(start), contents: null }
            : { names: null, contents: (await root.locate(start)).guarded },
      );
      const procedure = searchProcedure(start, wishes, places);
      const reply = await runProcedure(runBash, procedure, { withinMs: SEARCH_MS, signal });
      return agentResult(hideIn(reply, redact));
    },
  });
}

function hideIn(reply: Reply, redact: Redact): Reply {
  const structured: unknown = JSON.parse(redact(JSON.stringify(reply.structured)));
  return {
    ...reply,
    text: redact(reply.text),
    structured: isJsonObject(structured) ? structured : null,
  };
}
