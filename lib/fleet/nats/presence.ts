import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time/clock.ts";
import { isHostName } from "../host.ts";
import type { NatsConnection, NatsMessage } from "../../nats/connection.ts";
import { ANNOUNCE_MS, type Announcement, readAnnouncement } from "../../nats/presence.ts";
import { ALL_PRESENCE, presentHost, WHO_SUBJECT } from "../../nats/subjects.ts";

/** An agent that has not been heard from for so long may be gone. */
const SILENT_MS = 3 * ANNOUNCE_MS + 2_000;
/** A host that is gone is remembered for so long. */
const FORGOTTEN_MS = 3_600_000;
/** Between two searches for those that are silent, or forgotten. */
const SWEEP_MS = 5_000;
/** Hosts that are remembered, and agents of one host: what is announced is the agents' word. */
const MAX_HOSTS = 20_000;
const MAX_AGENTS = 16;
/** Announcements of one host that are read in a second. */
const MAX_IN_A_SECOND = 2 * MAX_AGENTS;

/** What the agents of a host have announced. */
export interface AnnouncedHost {
  /** As a host may be called. */
  readonly name: string;
  /** Those of the agent that was heard last. */
  readonly tags: readonly string[];
}

/** What is known of the agents on NATS, by what they announce. */
export interface Presence {
  /** The hosts that have been heard within the last hour. */
  readonly hosts: () => readonly AnnouncedHost[];
  /** How often agents of a host have come and gone. */
  readonly changesOf: (name: string) => number;
  /** Asks all agents to announce themselves. */
  readonly askAll: () => void;
  readonly close: () => void;
}

/** Options of `watchPresence()`. */
export interface PresenceOptions {
  readonly connection: NatsConnection;
  readonly clock: Pick<Clock, "now" | "every">;
  readonly log: Pick<Logger, "warn">;
  /** Whether the registry has a host of this name: it is heard however many others there are. */
  readonly isNamed: (name: string) => boolean;
  /** Called when an agent of a host takes requests. */
  readonly onHeard: (name: string, announcement: Announcement) => void;
  /** Called when no agent of a host is heard any more, or the last one said goodbye. */
  readonly onSilent: (name: string) => void;
  /** Called when there is another host, or one has other tags. */
  readonly onChange: () => void;
}

/** Listens to the agents from now on. */
export function watchPresence(options: PresenceOptions): Presence {
  const watch = new PresenceWatch(options);
  return {
    hosts: () => watch.hosts(),
    changesOf: (name) => watch.changesOf(name),
    askAll: () => watch.askAll(),
    close: () => watch.close(),
  };
}

interface Known {
  /** When it was last said that it is silent. */
  silentAt: number;
  /** Whether it is to be said once more, as soon as that is not too often: it has hosts probed. */
  isSilenceDue: boolean;
  /** Id of the boot of the machine that was heard last; null: not known. */
  boot: string | null;
  /** Whether it was said that there are several machines of this name. */
  isDoubtful: boolean;
  tags: readonly string[];
  heardAt: number;
  changes: number;
  /** When each agent that takes requests was heard. */
  readonly agents: Map<string, number>;
  /** When the second began in which announcements are counted, and how many have come. */
  countedAt: number;
  count: number;
}

class PresenceWatch {
  readonly #options: PresenceOptions;
  readonly #known = new Map<string, Known>();
  readonly #close: () => void;
  /** Said once: whoever announces so much would fill the log. */
  #hasIgnored = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
    const { connection, clock } = options;
    const subscription = connection.subscribe({
      subject: ALL_PRESENCE,
      onMessage: (message) => this.#take(message),
    });
    const unwatch = connection.watch((isUp) => isUp && this.#begin());
    const stop = clock.every(SWEEP_MS, () => this.#sweep());
    this.#close = () => {
      stop();
      unwatch();
      subscription.end();
    };
    if (connection.isUp()) this.#begin();
  }

  hosts(): readonly AnnouncedHost[] {
    return [...this.#known].map(([name, { tags }]) => ({ name, tags }));
  }

  changesOf(name: string): number {
    return this.#known.get(name)?.changes ?? 0;
  }

  askAll(): void {
    this.#options.connection.publish(WHO_SUBJECT, new Uint8Array(0));
  }

  close(): void {
    this.#close();
  }

  /** While there was no connection nobody could be heard. */
  #begin(): void {
    const now = this.#options.clock.now();
    for (const { agents } of this.#known.values()) {
      for (const agent of agents.keys()) agents.set(agent, now);
    }
    this.askAll();
  }

  #take({ subject, data }: NatsMessage): void {
    const name = presentHost(subject);
    if (name === null || this.#isFlood(this.#known.get(name))) return;
    const announcement = readAnnouncement(data);
    const known = announcement && (this.#known.get(name) ?? this.#add(name));
    if (announcement === null || known === null) return;
    known.heardAt = this.#options.clock.now();
    if (announcement.isServing) this.#hear(name, known, announcement);
    else this.#lose(name, known, announcement.agent);
  }

  /** Whether a host announces itself so often that it is not heard for the rest of a second. */
  #isFlood(known: Known | undefined): boolean {
    if (known === undefined) return false;
    const now = this.#options.clock.now();
    if (now - known.countedAt >= 1_000) [known.countedAt, known.count] = [now, 0];
    return ++known.count > MAX_IN_A_SECOND;
  }

  /** Null: there are too many, or it is no name. */
  #add(name: string): Known | null {
    const isFull = this.#known.size >= MAX_HOSTS && !this.#options.isNamed(name);
    if (!isHostName(name) || isFull) {
      if (!this.#hasIgnored) {
        const reason = isHostName(name) ? "there are too many" : "that is no name of a host";
        this.#options.log.warn("announcements over NATS are ignored", { name, reason });
      }
      this.#hasIgnored = true;
      return null;
    }
    const known: Known = {
      silentAt: -Infinity,
      isSilenceDue: false,
      boot: null,
      isDoubtful: false,
      tags: [],
      heardAt: 0,
      changes: 0,
      agents: new Map(),
      countedAt: this.#options.clock.now(),
      count: 1,
    };
    this.#known.set(name, known);
    return known;
  }

  #hear(name: string, known: Known, announcement: Announcement): void {
    const { agent, tags } = announcement;
    const isNew = !known.agents.has(agent);
    if (isNew && known.agents.size >= MAX_AGENTS) return;
    this.#compareBoot(name, known, announcement);
    const isOther = known.changes === 0 || tags.join() !== known.tags.join();
    known.agents.set(agent, known.heardAt);
    known.isSilenceDue = false;
    if (isNew) known.changes++;
    known.tags = tags;
    if (isOther) this.#options.onChange();
    this.#options.onHeard(name, announcement);
  }

  /** An agent keeps its machine: two that are there by turns are on two, and share its calls. */
  #compareBoot(name: string, known: Known, { agent, boot }: Announcement): void {
    const isBack = known.agents.has(agent) && known.boot !== null && boot !== null;
    if (isBack && known.boot !== boot && !known.isDoubtful) {
      known.isDoubtful = true;
      const reason = "each call goes to one of them: give each a name of its own (LMCP_NATS_NAME)";
      this.#options.log.warn("two machines serve one host over NATS", { name, reason });
    }
    known.boot = boot ?? known.boot;
  }

  #lose(name: string, known: Known, agent: string): void {
    if (!known.agents.delete(agent)) return;
    known.changes++;
    known.isSilenceDue = known.agents.size === 0;
    this.#saySilent(name, known);
  }

  #saySilent(name: string, known: Known): void {
    const now = this.#options.clock.now();
    if (!known.isSilenceDue || now - known.silentAt < SWEEP_MS) return;
    known.isSilenceDue = false;
    known.silentAt = now;
    this.#options.onSilent(name);
  }

  #sweep(): void {
    const { connection, clock, onChange } = this.#options;
    if (!connection.isUp()) return;
    const now = clock.now();
    for (const [name, known] of this.#known) {
      for (const [agent, heardAt] of known.agents) {
        if (now - heardAt > SILENT_MS) this.#lose(name, known, agent);
      }
      this.#saySilent(name, known);
      if (known.agents.size > 0 || now - known.heardAt < FORGOTTEN_MS) continue;
      this.#known.delete(name);
      onChange();
    }
  }
}
