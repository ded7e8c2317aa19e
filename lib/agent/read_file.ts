import { createHash } from "node:crypto";
import { z } from "zod";
import type { Secret } from "../base/secret.ts";
import type { LongText, Room } from "../mcp/room.ts";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt, Failure } from "../work/failure.ts";
import { searchableBase64 } from "../work/files/text.ts";
import { readFileProcedure } from "../work/read_file.ts";
import type { Reply } from "../work/reply.ts";
import { defineAgentTool } from "./definition.ts";
import type { ContentCall, Contents } from "./contents.ts";
import { LONG_BYTES, makeRoomFor } from "./files/room.ts";
import type { Root } from "./files/root.ts";
import { FileText, NotText } from "./files/text.ts";
import { agentResult } from "./procedure.ts";

/** Shorter tokens occur in texts by chance. */
export const MIN_TOKEN_CHARACTERS = 8;
/**
 * Room for each byte of a file: a quarter of it may be escapes of JSON, and what a script has read
 * lies beside that while it is written.
 */
const FACTORS = { file: 1.25, script: 2.25 } as const;

const input = z.strictObject({ path: wordArgument("Path of the file") });
const output = z.object({
  bytes: z.int().describe("Size of the file in bytes"),
  sha256: z.string(),
  encoding: z.string().describe("utf-8, utf-16le, utf-16be or latin-1"),
});

/** Options of `createReadFileTool()`. */
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
    description: "Read a whole text file (up to 32 MiB) of this machine. For parts of it, larger " +
      "or binary files use read_part.",
    input,
    output,
    readOnly: true,
    run: async ({ path }, { signal, room }) =>
      agentResult(
        await attempt("read", path, async () => {
          const place = await root.locate(path);
          const factor = place.byScript ? FACTORS.script : FACTORS.file;
          await makeRoomFor(place, { room, factor, signal });
          const call = { path, place, signal, pause: room.pause };
          return await readText(call, room) ?? await readOtherText(call, room);
        }),
      ),
  });

  /** Null: it is no UTF-8. */
  async function readText(call: ContentCall, room: Room): Promise<Reply | null> {
    const answer = new AnswerText(room);
    const holdsToken = createSearch(token);
    const hash = createHash("sha256");
    const text = new FileText((part) => {
      if (holdsToken(part)) throw new Failure(HOLDS_TOKEN);
      answer.add(part);
    });
    try {
      const bytes = await contents.pour(call, (piece) => {
        hash.update(piece);
        text.take(piece);
      });
      text.end();
      const structured = { bytes, sha256: hash.digest("hex"), encoding: "utf-8" };
      return { text: answer.end(), failure: null, structured };
    } catch (error) {
      if (error instanceof NotText) return null;
      throw error;
    }
  }

  async function readOtherText(call: ContentCall, room: Room): Promise<Reply> {
    const { path, place, signal } = call;
    await makeRoomFor(place, { room, factor: FACTORS.script, signal });
    const reply = await contents.run(call, readFileProcedure(path, place.guarded));
    return refuseToken(reply, token);
  }
}

/** The text of an answer, which is written as it comes where it is long. */
class AnswerText {
  readonly #room: Room;
  #short = "";
  #long: LongText | null = null;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Adds a part. Throws a `Failure` where there is no room for it. */
  readonly add = (part: string): void => {
    this.#short += part;
    if (this.#long === null && this.#short.length < LONG_BYTES) return;
    this.#long ??= this.#room.openText();
    if (!this.#long.add(this.#short)) throw new Failure(this.#room.shortage);
    this.#short = "";
  };

  end(): string {
    return this.#long === null ? this.#short : this.#long.end();
  }
}

/** The reply of a script, unless it holds the agent's token, in base64 or not. */
export function refuseToken(reply: Reply, token: Secret | null): Reply {
  const isBase64 = reply.structured?.encoding === "base64";
  const text = isBase64 ? searchableBase64(reply.text) : reply.text;
  if (createSearch(token)(text ?? "")) throw new Failure(HOLDS_TOKEN);
  return reply;
}

const HOLDS_TOKEN = "it holds this agent's token";

/** Makes what says of each part of a text whether a token ends in it. */
function createSearch(token: Secret | null): (part: string) => boolean {
  const secret = token?.reveal() ?? "";
  if (secret.length < MIN_TOKEN_CHARACTERS) return () => false;
  let before = "";
  return (part) => {
    const searched = before + part;
    before = searched.slice(1 - secret.length);
    return searched.includes(secret);
  };
}
