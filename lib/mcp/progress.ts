import type { Clock } from "../base/time/clock.ts";
import { isJsonObject, type JsonRpcRequest, writeNotification } from "./message.ts";

const MAX_LINE_CHARS = 1_000;
/** Each notification repeats the token. */
export const MAX_TOKEN_CHARS = 256;

/** A heartbeat that shows the caller that its call still runs; stopped before the answer. */
export interface Heartbeat {
  /** Keeps the newest line for the next beat; null: the caller did not ask for any. */
  readonly report: ((line: string) => void) | null;
  readonly stop: () => void;
}

const SILENT: Heartbeat = { report: null, stop: () => {} };

/** Options of a heartbeat. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Sends one serialised `notifications/progress`. */
  readonly notify: (message: string) => void;
}

/**
 * Beats at once and then every `intervalMs`, if the request carries a `progressToken`: `progress`
 * is the seconds since the start and always grows, `message` the newest line reported.
 */
export function startHeartbeat(request: JsonRpcRequest, options: HeartbeatOptions): Heartbeat {
  const { clock, intervalMs, notify } = options;
  const progressToken = progressTokenOf(request);
  if (progressToken === null) return SILENT;
  const startedAt = clock.now();
  let last = -1;
  let message: string | undefined;

  function beat() {
    const progress = Math.round(clock.now() - startedAt) / 1_000;
    if (progress <= last) return;
    last = progress;
    notify(writeNotification("notifications/progress", { progressToken, progress, message }));
  }

  beat();
  const stop = clock.every(intervalMs, beat);
  return {
    report(line) {
      message = line.slice(0, MAX_LINE_CHARS);
    },
    stop,
  };
}

/** Whether the request's `progressToken` is longer than is accepted. */
export function hasLongToken(request: JsonRpcRequest): boolean {
  const token = progressTokenOf(request);
  return typeof token === "string" && token.length > MAX_TOKEN_CHARS;
}

function progressTokenOf(request: JsonRpcRequest): string | number | null {
  const meta = request.params._meta;
  const token = isJsonObject(meta) ? meta.progressToken : undefined;
  return typeof token === "string" || typeof token === "number" ? token : null;
}
