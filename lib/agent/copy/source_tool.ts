import { z } from "zod";
import type { Tool } from "../../mcp/tool.ts";
import { pieceBytes, readRequest } from "../../work/copy/requests.ts";
import { pieceAsJson, sourceProcedure } from "../../work/copy/source.ts";
import { attempt, Failure } from "../../work/failure.ts";
import type { RunBash } from "../bash.ts";
import { defineAgentTool } from "../definition.ts";
import type { Root } from "../files/root.ts";
import { agentResult, runProcedure } from "../procedure.ts";
import { readOwnPiece } from "./pieces.ts";

/** Reading all of a large file for its digest takes as long as it takes: its caller gives up before. */
export const COPY_MS = 24 * 3_600_000;

/** For each byte of a piece: what was read, and that as base64, twice. */
const ROOM_FACTOR = 4;
const BUSY = "busy: too many large files are being read, try again later";

/** What the tools for copies need. */
export interface CopyOptions {
  readonly root: Root;
  readonly runBash: RunBash;
}

/** `copy_read`: what a hub reads of a file or folder that it copies to other hosts. */
export function createCopyReadTool({ root, runBash }: CopyOptions): Tool {
  return defineAgentTool({
    name: "copy_read",
    title: "Read for a copy",
    description: "Used by a hub to copy a file or folder of this machine to others, in pieces.",
    input: readRequest,
    output: z.object({
      kind: z.string().optional().describe("Of look and pack: file or folder"),
      mode: z.string().optional(),
      size: z.int().optional(),
      stamp: z.string().optional().describe("Differs when it has changed"),
      left_out: z.string().nullable().optional().describe("What of a folder is not in its archive"),
      sha256: z.string().optional().describe("Of a piece"),
      data: z.string().optional().describe("The piece, as base64"),
      digests: z.array(z.string()).optional().describe("SHA-256 of each piece"),
    }),
    readOnly: true,
    run: async (request, { signal, room }) => {
      const place = await attempt("read", request.path, () => root.locate(request.path));
      if (request.op === "piece") {
        const bytes = pieceBytes(request) * ROOM_FACTOR;
        if (!await room.reserve(bytes, signal)) throw new Failure(BUSY);
      }
      const reply = await readOwnPiece(place, request) ??
        await runProcedure(runBash, sourceProcedure(request, place.guarded), {
          withinMs: COPY_MS,
          signal,
        });
      return agentResult(pieceAsJson(reply));
    },
  });
}
