import type { Clock } from "../../base/time/clock.ts";
import type { ReadyShell } from "../../shell/ready_shell.ts";
import type { Host } from "../host.ts";
import { destinationOf } from "./command.ts";
import type { KeptConnection } from "./reuse.ts";

/** One that no call has taken for so long is ended: it costs its host a shell. */
const IDLE_MS = 300_000;
/** It is opened so long after a call, whose answer comes first. */
const BEHIND_MS = 20;
/** Where one did not get ready, none is opened for so long. */
const WITHOUT_MS = 300_000;
/** One gives way to another host's after so long: a command on all hosts would open one on each. */
const SETTLED_MS = 30_000;
/** How many are opened at once ahead of calls. */
const AHEAD = 4;

/** The result of opening a spare. */
export type SpareOpening =
  /** A shell on a host, on which nothing has run. */
  | { readonly kind: "open"; readonly shell: ReadyShell; readonly connection: KeptConnection }
  /** It did not get ready; `isSilent`: it sent nothing in all the time that it had. */
  | { readonly kind: "failed"; readonly isSilent: boolean; readonly connection: KeptConnection }
  /** It was not opened, since there is no connection to open it over, or nobody wants it any more. */
  | { readonly kind: "left" };

/** Options of `Spares`. */
export interface SparesOptions {
  /** How many there may be now. */
  readonly most: () => number;
  /** Opens one over the connection that a host's calls use. Never rejects. */
  readonly open: (host: Host, signal: AbortSignal) => Promise<SpareOpening>;
  /** Whether one more session is allowed to a destination. */
  readonly hasPlace: (sshHost: string) => boolean;
  readonly clock: Pick<Clock, "now" | "after">;
}

/** A session that waits for a call, or is being opened for one. */
export class Spare {
  readonly opened: Promise<SpareOpening>;
  /** Whether it has said that it is ready. */
  isReady = false;
  /** Ends the wait after which it would be ended. */
  cancelIdle: () => void = () => {};
  readonly #leaving = new AbortController();

  constructor(
    /** By the monotonic clock. */
    readonly startedAt: number,
    open: (signal: AbortSignal) => Promise<SpareOpening>,
  ) {
    this.opened = open(this.#leaving.signal).then((opened) => {
      this.isReady = opened.kind === "open";
      return opened;
    });
  }

  async end(): Promise<void> {
    this.#leaving.abort();
    const opened = await this.opened;
    if (opened.kind === "open") await opened.shell.close();
  }
}

/**
 * Sessions that are ready ahead of the calls that take them, at most one for each destination. It is
 * opened when a call has ended, and replaces one that was opened before: what the call has changed of
 * what a login reads, such as `~/.bashrc`, counts for the next call as it would without.
 */
export class Spares {
  /** How many calls have run in one. */
  taken = 0;
  readonly #options: SparesOptions;
  /** By destination, the oldest first. */
  readonly #spares = new Map<string, Spare>();
  /** The destinations that are to have one soon, and what cancels that. */
  readonly #due = new Map<string, () => void>();
  /** When one last failed to get ready. */
  readonly #failedAt = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();
  readonly #ahead: Host[] = [];
  #openingAhead = 0;
  #isClosed = false;

  constructor(options: SparesOptions) {
    this.#options = options;
  }

  /** How many there are, those included that are being opened. */
  get count(): number {
    return this.#spares.size;
  }

  /** How many are ready. */
  get readyCount(): number {
    return [...this.#spares.values()].filter(({ isReady }) => isReady).length;
  }

  has(sshHost: string): boolean {
    return this.#spares.has(sshHost);
  }

  /** Opens none before the next call has ended. */
  cancelDue(sshHost: string): void {
    this.#due.get(sshHost)?.();
  }

  /** Hands over a destination's spare, to be run in or ended; null: it has none. */
  take(sshHost: string): Spare | null {
    this.cancelDue(sshHost);
    const spare = this.#spares.get(sshHost) ?? null;
    this.#spares.delete(sshHost);
    spare?.cancelIdle();
    return spare;
  }

  /** Has one opened behind a call, soon. */
  openBehind(host: Host): void {
    const sshHost = destinationOf(host);
    this.drop(sshHost);
    if (!this.#mayOpen(sshHost)) return;
    const cancel = this.#options.clock.after(BEHIND_MS, () => {
      this.#due.delete(sshHost);
      this.#open(host);
    });
    this.#due.set(sshHost, () => {
      this.#due.delete(sshHost);
      cancel();
    });
  }

  /** Has one opened ahead of the first call, unless there are enough. */
  openAhead(host: Host): void {
    const sshHost = destinationOf(host);
    if (this.has(sshHost) || this.#due.has(sshHost) || !this.#mayOpen(sshHost)) return;
    if (this.count + this.#ahead.length >= this.#options.most()) return;
    this.#ahead.push(host);
    this.#openNextAhead();
  }

  /** Ends a destination's spare, if it has one. */
  drop(sshHost: string): void {
    const spare = this.take(sshHost);
    if (spare !== null) this.end(spare);
  }

  /** The same where the connection is left that it came over; a new one may fare better. */
  leave(sshHost: string): void {
    this.drop(sshHost);
    this.#failedAt.delete(sshHost);
  }

  /** Ends the oldest, until there are no more than so many. */
  keep(count: number): void {
    for (const sshHost of this.#spares.keys()) {
      if (this.count <= count) break;
      this.drop(sshHost);
    }
  }

  /** Ends one that was taken, in the background. */
  end(spare: Spare): void {
    const ending = spare.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#due.values()) cancel();
    this.keep(0);
    await Promise.all(this.#ending);
  }

  #mayOpen(sshHost: string): boolean {
    const { most, clock } = this.#options;
    const failedAt = this.#failedAt.get(sshHost) ?? -Infinity;
    return !this.#isClosed && most() > 0 && clock.now() - failedAt >= WITHOUT_MS;
  }

  #open(host: Host): Spare | null {
    const { open, hasPlace, clock } = this.#options;
    const sshHost = destinationOf(host);
    if (!this.#mayOpen(sshHost) || this.has(sshHost) || !hasPlace(sshHost)) return null;
    if (!this.#makeRoom()) return null;
    const spare = new Spare(clock.now(), (signal) => open(host, signal));
    this.#spares.set(sshHost, spare);
    const endIfThere = () => {
      if (this.#spares.get(sshHost) === spare) this.drop(sshHost);
    };
    spare.cancelIdle = clock.after(IDLE_MS, endIfThere);
    this.#watch(sshHost, spare).then(endIfThere, endIfThere);
    return spare;
  }

  /** Whether there may be one more, now that the oldest has given way if it had to. */
  #makeRoom(): boolean {
    const { most, clock } = this.#options;
    if (this.count < most()) return true;
    const [oldest] = this.#spares.values();
    if (oldest === undefined || clock.now() - oldest.startedAt < SETTLED_MS) return false;
    this.keep(most() - 1);
    return true;
  }

  /** Resolves when a spare has not got ready, or has ended. */
  async #watch(sshHost: string, spare: Spare): Promise<void> {
    const opened = await spare.opened;
    switch (opened.kind) {
      case "open":
        this.#failedAt.delete(sshHost);
        await opened.shell.gone;
        return;
      case "failed":
        this.#failedAt.set(sshHost, this.#options.clock.now());
        return;
      case "left":
        return;
    }
  }

  #openNextAhead(): void {
    while (this.#openingAhead < AHEAD) {
      const host = this.#ahead.shift();
      if (host === undefined) return;
      const spare = this.count < this.#options.most() ? this.#open(host) : null;
      if (spare === null) continue;
      this.#openingAhead++;
      const openNext = () => {
        this.#openingAhead--;
        this.#openNextAhead();
      };
      spare.opened.then(openNext, openNext);
    }
  }
}
