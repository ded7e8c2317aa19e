import { formatError } from "../../base/text/error_text.ts";
import type { Clock } from "../../base/time/clock.ts";
import { isJsonObject, type JsonObject } from "../../mcp/message.ts";
import { OutputCapture } from "../../shell/output.ts";
import type { FoundClaim } from "../../work/claims/found.ts";
import { type LookedUp, lookUpScript, readLookUp } from "../../work/claims/look_up.ts";
import { type OpenedFolder, openScript, readOpened } from "../../work/claims/open.ts";
import type { Claim, SettleRequest } from "../../work/claims/protocol.ts";
import { writeResult } from "../../work/claims/result.ts";
import { type Fill, MAX_CLAIMS, readFill, sweepScript } from "../../work/claims/sweep.ts";
import { Failure, systemReason } from "../../work/failure.ts";
import type { Script, ScriptRun } from "../../work/script.ts";
import type { RunBash } from "../bash.ts";
import { syncToDisk } from "./durable.ts";

/** How long a script about claims may take. */
const SCRIPT_MS = 10_000;
const SWEEP_MS = 60_000;
/** Between two sweeps, if there is room, and if there is none. */
const SWEEP_AGAIN_MS = 1_800_000;
const SWEEP_FULL_AGAIN_MS = 60_000;
/** A folder that cannot be used is not tried again for so long. */
const OPEN_AGAIN_MS = 30_000;

/** Options of an agent's `ClaimFolder`. */
export interface FolderOptions {
  readonly runBash: RunBash;
  /** Absolute path. */
  readonly directory: string;
  /** Process id of the agent. */
  readonly pid: number;
  readonly clock: Clock;
  /** Has a file, or the names in a folder, outlast a power failure; default: it does. */
  readonly sync?: (path: string) => Promise<void>;
  /** Called with what keeps the agent from claiming. */
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** The folder of claims of an agent that keeps its state in a directory. */
export function claimsBelow(stateDirectory: string): string {
  return `${stateDirectory}/claims`;
}

/** Which claim is looked up. */
export type Asked = Pick<SettleRequest, "id" | "ageSeconds" | "boot">;

/** The result of claiming. */
export type Claimed =
  /** `signed`: it also says whose it is. That is not waited for: it holds without. */
  | { readonly kind: "ours"; readonly signed: Promise<void> }
  /** Somebody has claimed it before. */
  | { readonly kind: "taken" }
  | { readonly kind: "unable"; readonly reason: string };

/**
 * The folder in which an agent claims calls before it runs them. What `/proc` says Deno does not let
 * it read, so that bash does it, at the start and where a claim is of another process.
 */
export class AgentClaimFolder {
  readonly #options: FolderOptions;
  #opening: Promise<OpenedFolder | string> | null = null;
  #openedAt = -Infinity;
  #fill: Fill = { claims: 0, isFull: false };
  #sweptAt = -Infinity;
  #sweeping: Promise<void> | null = null;
  readonly #underWay = new Set<Promise<void>>();
  /** Claims of calls that run here. */
  readonly #held = new Set<string>();

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  /** Process id of the agent. */
  get pid(): number {
    return this.#options.pid;
  }

  /** Has the folder made ready, which who needs it waits for. */
  open(): void {
    this.#opening ??= this.#open();
  }

  /** The folder, made ready if need be; a text says why it cannot be used. Never rejects. */
  async opened(): Promise<OpenedFolder | string> {
    this.#opening ??= this.#open();
    const opened = await this.#opening;
    if (typeof opened === "string") this.#openSoon();
    return opened;
  }

  /** Whether it is the folder of that id. Never rejects. */
  async is(id: string): Promise<boolean> {
    const opened = await this.opened();
    return typeof opened !== "string" && opened.id === id;
  }

  /**
   * Claims a call for this process; one with a key such that it is not run again, even after a power
   * failure. Never rejects.
   */
  async claim({ id, digest }: Claim): Promise<Claimed> {
    const opened = await this.opened();
    if (typeof opened === "string") return { kind: "unable", reason: opened };
    this.#sweepIfDue();
    if (this.#fill.isFull) return { kind: "unable", reason: "there are too many claims" };
    const path = `${opened.directory}/${id}`;
    try {
      await Deno.mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return { kind: "taken" };
      return this.#refused(error);
    }
    this.#count();
    this.#held.add(id);
    if (digest !== null) await this.#sync(opened.directory);
    const run = `${opened.boot} ${this.#options.pid} ${opened.start} ${digest ?? ""}`;
    const signed = Deno.writeTextFile(`${path}/run`, `${run.trimEnd()}\n`).catch(() => {});
    return { kind: "ours", signed };
  }

  /** Leaves the answer of a call in its claim, if that can be written. Never rejects. */
  async leave({ id, digest }: Claim, result: JsonObject): Promise<void> {
    const path = `${this.#options.directory}/${id}`;
    try {
      await Deno.writeTextFile(`${path}/result.new`, writeResult(result), { mode: 0o600 });
      if (digest !== null) await this.#sync(`${path}/result.new`);
      await Deno.rename(`${path}/result.new`, `${path}/result`);
    } catch (error) {
      this.#options.warn("the answer of a call cannot be kept", { error });
    } finally {
      this.#held.delete(id);
    }
  }

  async #sync(path: string): Promise<void> {
    const { sync = syncToDisk } = this.#options;
    await sync(path);
  }

  /** Has `settled()` wait for something that never rejects. */
  track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  /** Finds out what became of a claim, and makes it if nobody has. Never rejects. */
  async lookUp({ id, ageSeconds, boot }: Asked): Promise<LookedUp> {
    const opened = await this.opened();
    if (typeof opened === "string") return { ...unable(opened), pid: 0 };
    const { directory } = opened;
    const kept = await readKept(`${directory}/${id}`);
    if (kept !== null) return { ...kept, pid: 0 };
    const place = { kind: "agent", directory, id: opened.id, boot } as const;
    const script = lookUpScript({ place, id, ageSeconds });
    try {
      const known = readLookUp(await this.#run(script, SCRIPT_MS));
      if (known.found.state === "unable") this.#openSoon();
      return known;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { ...unable(error.message), pid: 0 };
    }
  }

  /** Whether somebody has looked the claim up over ssh within so many milliseconds. Never rejects. */
  async wasAsked(id: string, withinMs: number): Promise<boolean> {
    const info = await Deno.stat(`${this.#options.directory}/${id}/asked`).catch(() => null);
    const askedAt = info?.mtime?.getTime() ?? -Infinity;
    return this.#options.clock.wall() - askedAt < withinMs;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#opening;
    await this.#sweeping;
    await Promise.all(this.#underWay);
  }

  async #open(): Promise<OpenedFolder | string> {
    const { directory, pid, warn } = this.#options;
    const opened = await this.#tryToOpen(directory, pid);
    this.#openedAt = this.#now();
    if (typeof opened === "string") warn("calls cannot be claimed", { directory, reason: opened });
    else this.#sweepIfDue();
    return opened;
  }

  async #tryToOpen(directory: string, pid: number): Promise<OpenedFolder | string> {
    try {
      return readOpened(directory, await this.#run(openScript(directory, pid), SCRIPT_MS));
    } catch (error) {
      return error instanceof Failure ? error.message : formatError(error);
    }
  }

  /** Somebody may have put another folder there, or made that one usable. */
  #openSoon(): void {
    if (this.#now() - this.#openedAt > OPEN_AGAIN_MS) this.#opening = null;
  }

  /** Somebody may have removed the folder. */
  #refused(error: unknown): Claimed {
    const reason = systemReason(error);
    if (reason === null) throw error;
    if (error instanceof Deno.errors.NotFound) this.#opening = null;
    return { kind: "unable", reason };
  }

  #count(): void {
    const claims = this.#fill.claims + 1;
    this.#fill = { claims, isFull: claims >= MAX_CLAIMS };
  }

  #sweepIfDue(): void {
    const waitMs = this.#fill.isFull ? SWEEP_FULL_AGAIN_MS : SWEEP_AGAIN_MS;
    if (this.#sweeping !== null || this.#now() - this.#sweptAt < waitMs) return;
    this.#sweptAt = this.#now();
    this.#sweeping = this.#sweep().finally(() => this.#sweeping = null);
  }

  async #sweep(): Promise<void> {
    const { directory, pid, warn } = this.#options;
    const script = sweepScript(directory, { pid, held: [...this.#held] });
    try {
      const fill = readFill(await this.#run(script, SWEEP_MS));
      if (fill !== null) this.#fill = fill;
    } catch (error) {
      warn("old claims cannot be removed", { error });
    }
  }

  async #run(script: Script, withinMs: number): Promise<ScriptRun> {
    const output = new OutputCapture(script.limits);
    const result = await this.#options.runBash({
      script: script.source,
      output,
      stopWhenFull: script.wholeOutput,
      runWithinMs: withinMs,
      signal: new AbortController().signal,
    });
    if (result.kind === "lost") throw new Failure("the shell that looked was killed");
    return { ...result, output };
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** An answer that was left, which no process needs to be looked up for; null: there is none. */
async function readKept(path: string): Promise<FoundClaim | null> {
  try {
    const result: unknown = JSON.parse(await Deno.readTextFile(`${path}/result`));
    if (!isJsonObject(result)) return null;
    const [, , , digest = null] = (await Deno.readTextFile(`${path}/run`)).trimEnd().split(" ");
    return { found: { state: "ended", result }, digest };
  } catch {
    return null;
  }
}

function unable(reason: string): FoundClaim {
  return { found: { state: "unable", reason }, digest: null };
}
