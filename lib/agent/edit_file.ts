import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Tool } from "../mcp/tool.ts";
import { textArgument, wordArgument } from "../work/arguments.ts";
import { attempt, Failure } from "../work/failure.ts";
import { MAX_FILE_BYTES } from "../work/read_file.ts";
import type { Reply } from "../work/reply.ts";
import { defineAgentTool } from "./definition.ts";
import type { ContentCall } from "./contents.ts";
import { makeRoomFor } from "./files/room.ts";
import { agentResult } from "./procedure.ts";
import type { ChangeOptions } from "./write_file.ts";

const input = z.strictObject({
  path: wordArgument("Path of the file"),
  old_string: textArgument("Text to replace, literally, with its white space and line ends")
    .min(1, "it is empty"),
  new_string: textArgument("Text to put in its place"),
  replace_all: z.boolean().default(false)
    .describe("Replace each occurrence; else there must be exactly one"),
});
const output = z.object({ replacements: z.int(), bytes: z.int().describe("New size in bytes") });

/** Room for each byte of a file: as text and as bytes, before and after. */
const ROOM_FACTOR = 4;

/** `edit_file`: replaces a literal text in a file, at once or not at all. */
export function createEditFileTool({ root, contents, inTurn }: ChangeOptions): Tool {
  return defineAgentTool({
    name: "edit_file",
    title: "Edit a file",
    description: "Replace a literal text in a text file (UTF-8, up to 32 MiB) of this machine. " +
      "It must occur exactly once, unless replace_all is set.",
    input,
    output,
    readOnly: false,
    run: async ({ path, ...replacement }, { signal, room }) =>
      agentResult(
        await attempt("edit", path, async () => {
          const place = await root.locate(path);
          return await inTurn({ path: place.path, signal }, async () => {
            await makeRoomFor(place, { room, factor: ROOM_FACTOR, signal });
            return await edit({ path, place, signal, pause: room.pause }, replacement);
          });
        }),
      ),
  });

  async function edit(call: ContentCall, replacement: Replacement): Promise<Reply> {
    const before = await contents.read(call);
    const { text, replacements } = replace(before, replacement);
    const written = await contents.write(call, { text, replaces: before });
    if (written.failure !== null) return written;
    const occurrences = `${replacements} occurrence${replacements === 1 ? "" : "s"}`;
    return {
      text: `Replaced ${occurrences} in ${call.path}`,
      failure: null,
      structured: { replacements, bytes: Buffer.byteLength(text) },
    };
  }
}

interface Replacement {
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all: boolean;
}

function replace(
  before: string,
  { old_string, new_string, replace_all }: Replacement,
): { text: string; replacements: number } {
  if (old_string === new_string) throw new Failure("old_string and new_string are the same");
  const parts = before.split(old_string);
  const replacements = parts.length - 1;
  if (replacements === 0) {
    throw new Failure("old_string does not occur in it; read the file and copy the text exactly");
  }
  if (replacements > 1 && !replace_all) {
    throw new Failure(
      `old_string occurs ${replacements} times in it; give more of the text around it, ` +
        "or set replace_all",
    );
  }
  const growth = Buffer.byteLength(new_string) - Buffer.byteLength(old_string);
  if (Buffer.byteLength(before) + replacements * growth > MAX_FILE_BYTES) {
    throw new Failure("it would have more than 32 MiB; use shell with sed");
  }
  return { text: parts.join(new_string), replacements };
}
