import type { Clock } from "../../base/time/clock.ts";
import { VERSION } from "../../base/version.ts";
import type { NatsConnection } from "../../nats/connection.ts";
import { ANNOUNCE_MS, writeAnnouncement } from "../../nats/presence.ts";
import { presenceSubject, WHO_SUBJECT } from "../../nats/subjects.ts";

/** Thousands of agents hear a hub's question at once: their answers are spread over this time. */
const SPREAD_MS = 500;

/** Options of `announce()`. */
export interface AnnouncerOptions {
  readonly connection: Pick<NatsConnection, "watch" | "publish" | "subscribe">;
  /** The host's name. */
  readonly name: string;
  /** Of this process. */
  readonly agent: string;
  readonly tags: readonly string[];
  /** How many tools there are. */
  readonly tools: number;
  /** Id of the machine's boot; null: not known. */
  readonly boot: () => Promise<string | null>;
  readonly clock: Pick<Clock, "after" | "every">;
  /** From 0 to 1; default: at random. */
  readonly random?: () => number;
}

/**
 * Announces an agent to the hubs: when it is connected, now and then, and when a hub asks. Returns
 * the function that says goodbye.
 */
export function announce(options: AnnouncerOptions): () => void {
  const { connection, name, agent, tags, tools, clock, random = Math.random } = options;
  let boot: string | null = null;
  let isServing = true;
  let cancelAnswer: (() => void) | null = null;

  function say(): void {
    const announcement = { agent, version: VERSION, boot, tags, tools, isServing };
    connection.publish(presenceSubject(name), writeAnnouncement(announcement));
  }

  /** However many hubs ask meanwhile, one answer is enough. */
  function answerSoon(): void {
    cancelAnswer ??= clock.after(SPREAD_MS * random(), () => {
      cancelAnswer = null;
      say();
    });
  }

  options.boot().then((known) => {
    boot = known;
    if (isServing) say();
  }).catch(() => {});
  const unwatch = connection.watch((isUp) => isUp && say());
  const stopClock = clock.every(ANNOUNCE_MS, say);
  const asked = connection.subscribe({ subject: WHO_SUBJECT, onMessage: answerSoon });
  return function sayGoodbye() {
    unwatch();
    stopClock();
    cancelAnswer?.();
    asked.end();
    isServing = false;
    say();
  };
}
