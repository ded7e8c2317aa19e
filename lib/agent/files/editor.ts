import { z } from "zod";
import type { CallContext, CallToolResult } from "../../mcp/tool.ts";
import { applyEdits, type EditedText } from "../../work/edit/apply.ts";
import { contentOf, describeEdited, refuseOther } from "../../work/edit/edited.ts";
import type { EditRequest } from "../../work/edit/procedure.ts";
import { attempt, cannot, Failure } from "../../work/failure.ts";
import type { Reply } from "../../work/reply.ts";
import type { ContentCall } from "../contents.ts";
import type { EditOptions } from "../edit_file.ts";
import { agentResult } from "../procedure.ts";
import { MIN_TOKEN_CHARACTERS } from "../read_file.ts";
import { makeRoomFor } from "./room.ts";

/** Room for each byte of a file: as text and as bytes, before and after. */
const ROOM_FACTOR = 4;

/** The structured answer of an edit. */
export const editedOutput = z.object({
  replacements: z.int(),
  bytes: z.int().describe("New size in bytes"),
  sha256: z.string().describe("Of the new content"),
  hard_links: z.int().describe("How many keep the old content").optional(),
});

/** Edits a file, at once or not at all. */
export type EditFile = (
  request: Omit<EditRequest, "pause">,
  context: Pick<CallContext, "signal" | "room">,
) => Promise<CallToolResult>;

/** Makes an `EditFile`. */
export function createEditor({ root, contents, inTurn, token }: EditOptions): EditFile {
  const secret = token?.reveal() ?? "";
  const isSearched = secret.length >= MIN_TOKEN_CHARACTERS;
  /** What is around an edit may be what the agent keeps to itself. */
  const hide = (text: string) => isSearched ? text.replaceAll(secret, "[hidden]") : text;

  async function edit(call: ContentCall, request: Omit<EditRequest, "pause">): Promise<Reply> {
    const { path } = call;
    const before = await contents.read(call);
    if (request.ifSha256 !== undefined) {
      refuseOther(contentOf(new TextEncoder().encode(before)), request.ifSha256);
    }
    const edited = await apply(before, request, call);
    const written = await contents.write(call, { text: edited.text, replaces: before });
    if (written.failure !== null) throw new Failure(reasonOf(written.failure, path));
    const renewed = contentOf(new TextEncoder().encode(edited.text));
    const { hard_links: links } = written.structured ?? {};
    const describe = describeEdited({ path, before, ...edited }, renewed);
    const reply = describe(typeof links === "number" ? links : 0);
    return { ...reply, text: hide(reply.text) };
  }

  async function apply(
    before: string,
    { edits }: Omit<EditRequest, "pause">,
    { pause }: ContentCall,
  ): Promise<EditedText> {
    try {
      return await applyEdits(before, edits, pause);
    } catch (error) {
      throw error instanceof Failure ? new Failure(hide(error.message), { cause: error }) : error;
    }
  }

  return async function editFile(request, { signal, room }) {
    const { path } = request;
    return agentResult(
      await attempt("edit", path, async () => {
        const place = await root.locate(path);
        return await inTurn({ path: place.path, signal }, async () => {
          await makeRoomFor(place, { room, factor: ROOM_FACTOR, signal });
          return await edit({ path, place, signal, pause: room.pause }, request);
        });
      }),
    );
  };
}

/** Why a file was not written, without what is said of an edit, too. */
function reasonOf(failure: string, path: string): string {
  const beginning = cannot("write", path, "");
  return failure.startsWith(beginning) ? failure.slice(beginning.length) : failure;
}
