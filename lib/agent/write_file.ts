import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { attempt } from "../work/failure.ts";
import { defineAgentTool } from "./definition.ts";
import type { Contents } from "./contents.ts";
import type { Root } from "./files/root.ts";
import type { InTurn } from "./files/queue.ts";
import { agentResult } from "./procedure.ts";

const input = z.strictObject({
  path: wordArgument("Path of the file; its directory must exist"),
  content: textArgument("The whole new content"),
});
/** What the tools answer that write a whole file. */
export const writtenOutput = z.object({
  bytes: z.int().describe("Size of the file in bytes"),
  sha256: z.string(),
  hard_links: z.int().describe("Other names of the file, which keep the old content").optional(),
});

/** What the tools need that change files. */
export interface ChangeOptions {
  readonly root: Root;
  readonly contents: Contents;
  readonly inTurn: InTurn;
}

/** `write_file`: makes a file, or replaces its content, at once or not at all. */
export function createWriteFileTool({ root, contents, inTurn }: ChangeOptions): Tool {
  return defineAgentTool({
    name: "write_file",
    title: "Write a file",
    description: "Create a text file on this machine, or replace its whole content. A failed " +
      "write changes nothing.",
    input,
    output: writtenOutput,
    readOnly: false,
    idempotent: true,
    run: async ({ path, content: text }, { signal, room: { pause } }) =>
      agentResult(
        await attempt("write", path, async () => {
          const place = await root.locate(path);
          return await inTurn(
            { path: place.path, signal },
            () => contents.write({ path, place, signal, pause }, { text, replaces: null }),
          );
        }),
      ),
  });
}
