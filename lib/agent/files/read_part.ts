import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { wordArgument } from "../../work/arguments.ts";
import { attempt } from "../../work/failure.ts";
import { partArguments, readPartProcedure } from "../../work/files/part.ts";
import { MAX_FILE_BYTES } from "../../work/read_file.ts";
import { defineAgentTool } from "../definition.ts";
import { agentResult } from "../procedure.ts";
import { type ReadFileOptions, refuseToken } from "../read_file.ts";
import { makeRoomFor } from "./room.ts";

/** Room for each byte that is read: as bytes, as a text, and as a part of the answer. */
const ROOM_FACTOR = 3.25;
/** What a line may have on average where room is made for some. */
const LINE_BYTES = 4_096;

const input = z.strictObject({ path: wordArgument("Path of the file"), ...partArguments });
const output = z.object({
  bytes: z.int().describe("Size of the file in bytes"),
  sha256: z.string().nullable().describe("Of the whole file; null: it has more than 32 MiB"),
  encoding: z.string().describe("utf-8, utf-16le, utf-16be, latin-1 or base64"),
  first_line: z.int().optional(),
  lines: z.int().describe("How many are shown").optional(),
  next_offset: z.int().nullable().describe("Where to go on; null: nothing is left").optional(),
  changed: z.string().nullable().describe("replaced or truncated; null: it just grew").optional(),
});

/** `read_part`: lines of a file of any size, lines that are still to come, or bytes in base64. */
export function createReadPartTool({ root, contents, token }: ReadFileOptions): Tool {
  return defineAgentTool({
    name: "read_part",
    title: "Read a part of a file",
    description: "Read lines of a text file of any size on this machine, the last ones, or those " +
      "that are still to come (follow); or a whole binary file of up to 32 MiB in base64.",
    input,
    output,
    readOnly: true,
    run: async ({ path, ...part }, { signal, room }) =>
      agentResult(
        await attempt("read", path, async () => {
          const place = await root.locate(path);
          const most = Math.min((part.limit ?? Infinity) * LINE_BYTES, MAX_FILE_BYTES);
          await makeRoomFor(place, { room, factor: ROOM_FACTOR, most, signal });
          const call = { path, place, signal, pause: room.pause };
          const procedure = readPartProcedure(path, part, place.guarded);
          const reply = await contents.run(call, procedure, (part.follow ?? 0) * 1_000);
          return refuseToken(reply, token);
        }),
      ),
  });
}
