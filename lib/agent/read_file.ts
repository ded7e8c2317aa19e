import { z } from "zod";
import type { Secret } from "../base/secret.ts";
import type { LongText, Room } from "../mcp/room.ts";
import type { Tool } from "../mcp/tool.ts";
import { wordArgument } from "../work/arguments.ts";
import { attempt, Failure } from "../work/failure.ts";
import { defineAgentTool } from "./definition.ts";
import type { Contents } from "./contents.ts";
import { LONG_BYTES, makeRoomFor } from "./files/room.ts";
import type { Root } from "./files/root.ts";
import { FileText } from "./files/text.ts";
import { agentResult } from "./procedure.ts";

/** Shorter tokens stand in texts by chance. */
const MIN_TOKEN_CHARACTERS = 8;
/**
 * Room for each byte of a file: a quarter of it may be escapes of JSON, and what a script has read
 * lies beside that while it is written.
 */
const FACTORS = { file: 1.25, script: 2.25 } as const;

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
    run: async ({ path }, { signal, room }) =>
      agentResult(
        await attempt("read", path, async () => {
          const place = await root.locate(path);
          const factor = place.byScript ? FACTORS.script : FACTORS.file;
          await makeRoomFor(place, { room, factor, signal });
          const answer = new AnswerText(room);
          const holdsToken = createSearch(token);
          const text = new FileText((part) => {
            if (holdsToken(part)) throw new Failure("it holds this agent's token");
            answer.add(part);
          });
          const bytes = await contents.pour({ path, place, signal, pause: room.pause }, text.take);
          text.end();
          return { text: answer.end(), failure: null, structured: { bytes } };
        }),
      ),
  });
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
