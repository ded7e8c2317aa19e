import { z } from "zod";
import type { Secret } from "../base/secret.ts";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt, cannot } from "../work/failure.ts";
import { failedReply } from "../work/run_failure.ts";
import { defineAgentTool } from "./definition.ts";
import type { Contents } from "./contents.ts";
import type { Root } from "./files/root.ts";
import { agentResult } from "./procedure.ts";

/** Shorter tokens stand in texts by chance. */
const MIN_TOKEN_CHARACTERS = 8;

const input = z.strictObject({ path: wordArgument("Path of the file") });
const output = z.object({ bytes: z.int().describe("Size of the file in bytes") });

/** What `createReadFileTool()` needs. */
export interface ReadFileOptions {
  readonly root: Root;
  readonly contents: Contents;
  /** This agent's own token, which no file that is read may hold; null: there is none. */
  readonly token: Secret | null;
}

/** `read_file`: the content of a text file, exactly and whole, up to 32 MiB. */
export function createReadFileTool({ root, contents, token }: ReadFileOptions): Tool {
  return defineAgentTool({
    name: "read_file",
    title: "Read a file",
    description: "Read a whole text file (UTF-8, up to 32 MiB) of this machine. For parts of it, " +
      "larger or binary files use shell.",
    input,
    output,
    readOnly: true,
    run: async ({ path }, { signal }) => {
      const reply = await attempt("read", path, async () => {
        const place = await root.locate(path);
        return await contents.read({ path, place, signal });
      });
      if (holds(reply.text, token)) {
        return agentResult(failedReply(cannot("read", path, "it holds this agent's token")));
      }
      return agentResult(reply);
    },
  });
}

function holds(text: string, token: Secret | null): boolean {
  if (token === null) return false;
  const secret = token.reveal();
  return secret.length >= MIN_TOKEN_CHARACTERS && text.includes(secret);
}
