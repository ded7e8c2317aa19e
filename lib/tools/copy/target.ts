import { hasBackend } from "../../fleet/host.ts";
import { Buffer } from "node:buffer";
import { z } from "zod";
import type { JsonObject } from "../../mcp/message.ts";
import { BLOCK_BYTES, PIECE_BYTES, type WriteRequest } from "../../work/copy/requests.ts";
import { targetProcedure } from "../../work/copy/target.ts";
import type { CopyEnd, Done } from "./end.ts";
import { type Content, countPieces, type Piece, readDigests } from "./source.ts";

const begun = z.object({
  have: z.int().min(0),
  there: z.object({ mode: z.string(), size: z.int().min(0) }).optional(),
});

/** What became of a copy on one target. */
export type Fate =
  | { readonly kind: "copied" | "same" }
  /** It is as it was; `reason` says why. */
  | { readonly kind: "failed" | "not_delivered" | "unknown"; readonly reason: string };

/** How it is known there, and what it is to become. */
export interface Wanted {
  readonly id: string;
  readonly path: string;
  readonly content: Content;
}

/** One target of a copy. */
export class CopyTarget {
  readonly end: CopyEnd;
  readonly #wanted: Wanted;
  /** Where the first piece belongs that it lacks. */
  offset = 0;
  /** What has become of it; null: that is not decided. */
  fate: Fate | null = null;
  /** Bytes of it that are there, or are to be compared. */
  #have = 0;
  #isLikeIt = false;

  constructor(end: CopyEnd, wanted: Wanted) {
    this.end = end;
    this.#wanted = wanted;
  }

  /** Pieces to be compared before something is sent. */
  get piecesThere(): number {
    const { content: { size } } = this.#wanted;
    return this.#isLikeIt ? countPieces(size) : Math.min(
      countPieces(size),
      Math.floor(this.#have / PIECE_BYTES),
    );
  }

  /** Makes its partial file, or finds the one that is there. */
  async begin(): Promise<void> {
    const { size, mode, kind } = this.#wanted.content;
    const done = await this.#ask({ op: "begin", size }, { isRepeatable: true });
    if (done.kind === "failed") return this.#fail(done);
    const { data } = begun.safeParse(done.answer);
    if (data === undefined) {
      this.fate = { kind: "failed", reason: "its answer cannot be read" };
      return;
    }
    this.#have = data.have;
    const { there } = data;
    this.#isLikeIt = kind === "file" && data.have === 0 && size > 0 && there?.size === size &&
      there.mode === mode;
  }

  /** Compares what is there with the digests of the source, and goes on behind what is the same. */
  async compare(digests: readonly string[]): Promise<void> {
    const count = this.piecesThere;
    const { size } = this.#wanted.content;
    const op = this.#isLikeIt ? "there" : "digests";
    const request = { op, bytes: PIECE_BYTES, count } as const;
    const done = await this.#ask(request, { isRepeatable: true, workedBytes: size });
    const own = readDigests(done);
    // What cannot be compared is sent.
    if ("kind" in own) return;
    const differs = own.findIndex((digest, at) => digest !== digests[at]);
    if (!this.#isLikeIt) this.offset = PIECE_BYTES * (differs === -1 ? own.length : differs);
    else if (differs === -1 && own.length * PIECE_BYTES >= size) {
      await this.discard();
      this.fate = { kind: "same" };
    }
  }

  /** Writes a piece if it belongs where this target has come to. */
  async write({ offset, bytes }: Piece): Promise<void> {
    if (this.fate !== null || offset !== this.offset) return;
    for (let at = 0; at < bytes.length;) {
      const step = bytes.subarray(at, at + this.end.stepBytes);
      const done = await this.#writeStep(offset + at, step);
      if (done.kind === "failed") return await this.#failForGood(done);
      at += step.length;
    }
    this.offset += bytes.length;
  }

  /** As base64 only where that may be needed. */
  #writeStep(offset: number, step: Uint8Array): Promise<Done> {
    const { buffer, byteOffset, length } = step;
    const data = !hasBackend(this.end.host)
      ? ""
      : Buffer.from(buffer, byteOffset, length).toString("base64");
    const request = { op: "piece", offset, data } as const;
    return this.#ask(request, { isRepeatable: true, sentBytes: length, piece: step });
  }

  /** Puts it in place: all of it, or nothing. */
  async finish(sha256: string): Promise<void> {
    const { size, mode } = this.#wanted.content;
    const request = { op: "finish", size, mode, sha256 } as const;
    const done = await this.#ask(request, { isRepeatable: false, workedBytes: 3 * size });
    if (done.kind === "done" || await this.#isThere(done, sha256)) this.fate = { kind: "copied" };
    else if (done.outcome === "unknown") this.fate = { kind: "unknown", reason: done.reason };
    else await this.#failForGood(done);
  }

  /** Removes the partial file. */
  async discard(): Promise<void> {
    await this.#ask({ op: "discard" }, { isRepeatable: true });
  }

  /** Ends the copy here, for a reason that lies elsewhere. */
  giveUp(reason: string): void {
    this.fate ??= { kind: "not_delivered", reason };
  }

  /** Of a file whose answer was lost, the hash says whether it was put in place. */
  async #isThere({ outcome }: Extract<Done, { kind: "failed" }>, sha256: string): Promise<boolean> {
    const { size, kind } = this.#wanted.content;
    if (outcome !== "unknown" || kind === "folder") return false;
    const request = { op: "there", bytes: Math.max(BLOCK_BYTES, size), count: 1 } as const;
    const own = readDigests(await this.#ask(request, { isRepeatable: true, workedBytes: size }));
    return !("kind" in own) && own[0] === sha256;
  }

  /** What a host has refused leaves no partial file; for one that was lost, it is kept. */
  async #failForGood(done: Extract<Done, { kind: "failed" }>): Promise<void> {
    this.#fail(done);
    if (done.outcome === "failed") await this.discard();
  }

  /** Before it is put in place, nothing has changed, whatever has become of a piece. */
  #fail({ outcome, reason }: Extract<Done, { kind: "failed" }>): void {
    this.fate = { kind: outcome === "failed" ? outcome : "not_delivered", reason };
  }

  #ask(
    request: Pick<WriteRequest, "op"> & Partial<WriteRequest>,
    { piece, ...sizes }: {
      readonly isRepeatable: boolean;
      readonly sentBytes?: number;
      readonly workedBytes?: number;
      readonly piece?: Uint8Array;
    },
  ): Promise<Done> {
    const { id, path, content: { kind } } = this.#wanted;
    const whole: WriteRequest = { ...request, id, path, kind };
    const args: JsonObject = { ...whole };
    return this.end.do({
      tool: "copy_write",
      args,
      procedure: () => targetProcedure(whole, { piece }),
      ...sizes,
    });
  }
}
