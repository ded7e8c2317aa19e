import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { textArgument, wordArgument } from "../../work/arguments.ts";
import { attempt } from "../../work/failure.ts";
import { writeArguments, writeAsWishedProcedure } from "../../work/files/conditions.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult } from "../procedure.ts";
import { type ChangeOptions, writtenOutput } from "../write_file.ts";

const input = z.strictObject({
  path: wordArgument("Path of the file; its directory must exist"),
  content: textArgument("The whole new content"),
  ...writeArguments,
});

/** `write_bytes`: writes any bytes, or under a condition, or with a mode; by a script, as over ssh. */
export function createWriteBytesTool({ root, contents, inTurn }: ChangeOptions): Tool {
  return defineAgentTool({
    name: "write_bytes",
    title: "Write a file under a condition",
    description: "Create a file on this machine, or replace its whole content, from base64, only " +
      "if a certain content is there (if_sha256), or with a mode. A failed write changes nothing.",
    input,
    output: writtenOutput,
    readOnly: false,
    idempotent: true,
    run: async (args, { signal, room: { pause } }) =>
      agentResult(
        await attempt("write", args.path, async () => {
          const { path } = args;
          const place = await root.locate(path);
          const procedure = writeAsWishedProcedure(args, place.guarded);
          const call = { path, place, signal, pause };
          return await inTurn(
            { path: place.path, signal },
            () => contents.writeBy(call, procedure),
          );
        }),
      ),
  });
}
