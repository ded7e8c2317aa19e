import type { Pause } from "../../base/bursts.ts";
import type { Clock } from "../../base/time/clock.ts";
import { failed, type WireMessage, type WireResult } from "../backend/wire.ts";
import type { Host } from "../host.ts";
import type { Forward, ForwardFailure, Forwards } from "../ssh/forward.ts";
import { readyMs } from "../ssh/run.ts";
import type { SshUrl } from "./ssh_url.ts";
import { createHttpAgent, type HttpAgent } from "./connect.ts";
import { createThroughConnector } from "./first_answer.ts";
import { post } from "./post.ts";

/** What a `Tunnel` is made with. */
export interface TunnelOptions {
  readonly forwards: Forwards;
  readonly clock: Clock;
  /** For answers that are read in steps. */
  readonly pause: Pause;
}

/** Connections through one forwarded port. */
interface Line {
  readonly forward: Forward;
  readonly kept: HttpAgent;
  /** For connections of one request each. */
  readonly passing: HttpAgent;
  /** Nothing listens on its socket. */
  isGone: boolean;
}

/** The way to a backend that listens on its host's loopback address, through ssh. */
export class Tunnel {
  readonly #options: TunnelOptions;
  /** As the tunnel uses it: with the destination of the URL. */
  readonly #host: Host;
  readonly #port: number;
  readonly #waitMs: number;
  readonly #lines = new Set<Line>();
  #line: Line | null = null;
  #disconnects = 0;

  constructor(host: Host, url: SshUrl, options: TunnelOptions) {
    this.#options = options;
    this.#host = { ...host, sshHost: url.destination };
    this.#port = url.port;
    // Else it may take a connection that is stuck, and then a new one. A call that can go over ssh
    // alone waits there for the same login.
    this.#waitMs = host.sshHost === null ? 2 * readyMs(host) : host.timeouts.connectMs;
  }

  /** How many connections have been closed so far, and how often others have taken their place. */
  get disconnects(): number {
    return this.#disconnects;
  }

  /** Sends one message, once, and reads what comes back. Never rejects. */
  async post(path: string, message: WireMessage): Promise<WireResult> {
    const { forwards, clock, pause } = this.#options;
    const { signal, isFresh = false } = message.bounds;
    for (let isLast = false;; isLast = true) {
      const wait = { withinMs: this.#waitMs, signal };
      const forward = await forwards.open(this.#host, this.#port, wait);
      if (forward.kind === "failed") return failedBefore(forward);
      const line = this.#over(forward);
      const { dispatcher } = isFresh ? line.passing : line.kept;
      const target = { origin: this.#origin, path };
      const result = await post(target, message, { dispatcher, clock, pause });
      if (result.kind === "answer" || result.failure.kind !== "connect") return result;
      // Nothing was sent. What is stuck is to be shown to work before it is used again.
      if (line.isGone || result.failure.timedOut) forwards.drop(forward);
      if (!line.isGone || isLast) return result;
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines].flatMap(({ kept, passing }) => [
      kept.close(),
      passing.close(),
    ]));
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  #over(forward: Forward): Line {
    if (this.#line?.forward === forward) return this.#line;
    if (this.#line !== null) this.#retire(this.#line);
    const line = this.#open(forward);
    this.#line = line;
    this.#lines.add(line);
    return line;
  }

  #open(forward: Forward): Line {
    const { timeouts: { connectMs } } = this.#host;
    const { clock } = this.#options;
    const connector = createThroughConnector({
      path: forward.path,
      port: this.#port,
      onGone: () => line.isGone = true,
    });
    const kept = createHttpAgent({ connectMs, connector, clock });
    kept.dispatcher.on("disconnect", () => this.#disconnects++);
    const passing = createHttpAgent({ connectMs, connector, clock, keeps: false });
    const line: Line = { forward, kept, passing, isGone: false };
    return line;
  }

  /** What is under way goes on, and no more begins. */
  #retire(line: Line): void {
    this.#disconnects++;
    const forget = () => this.#lines.delete(line);
    Promise.all([line.kept.retire(), line.passing.retire()]).then(forget, forget);
  }
}

/** Nothing has left. */
function failedBefore({ why, reason }: ForwardFailure): WireResult {
  return why === "cancelled"
    ? failed({ kind: "handshake", failure: { kind: "cancelled" } })
    : failed({ kind: "connect", message: reason, timedOut: why === "timeout" });
}
