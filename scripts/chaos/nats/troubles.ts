import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { NatsFleet } from "./fleet.ts";

/** How often each trouble came. */
export interface Troubles {
  brokerKilled: number;
  brokerPaused: number;
  agentsKilled: number;
  hubsKilled: number;
  /** Of one agent or hub, to the broker. */
  linesCut: number;
  linesStalled: number;
}

/** How long each part is left alone: so many milliseconds, and as many again at random. */
const QUIET_MS = { broker: 4_000, agents: 3_000, hubs: 8_000, lines: 2_000 };
/** How long the broker is away, or silent, at most. */
const AWAY_MS = 1_500;
const PAUSED_MS = 5_000;
/** How long a line is cut or stalled, at most. */
const OUT_MS = 5_000;

/** Kills and pauses the parts of a fleet until the signal; all of them run when it returns. */
export async function makeTrouble(
  { broker, agents, hubs, lines }: NatsFleet,
  random: Random,
  signal: AbortSignal,
): Promise<Troubles> {
  const troubles: Troubles = {
    brokerKilled: 0,
    brokerPaused: 0,
    agentsKilled: 0,
    hubsKilled: 0,
    linesCut: 0,
    linesStalled: 0,
  };

  async function repeat(quietMs: number, trouble: () => Promise<void>): Promise<void> {
    for (;;) {
      await delay(quietMs * (1 + random.next()), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await trouble();
    }
  }

  async function troubleBroker(): Promise<void> {
    if (random.next() < 0.6) {
      troubles.brokerKilled++;
      await broker.kill();
      await delay(random.next() * AWAY_MS);
      await broker.start();
    } else {
      troubles.brokerPaused++;
      broker.pause("SIGSTOP");
      await delay(random.next() * PAUSED_MS);
      broker.pause("SIGCONT");
    }
  }

  async function troubleLine(): Promise<void> {
    const line = random.pick(lines);
    const isCut = random.next() < 0.5;
    if (isCut) line.cut();
    else line.stall();
    troubles[isCut ? "linesCut" : "linesStalled"]++;
    await delay(random.next() * OUT_MS);
    line.mend();
  }

  await Promise.all([
    repeat(QUIET_MS.lines, troubleLine),
    repeat(QUIET_MS.broker, troubleBroker),
    repeat(QUIET_MS.agents, async () => {
      troubles.agentsKilled++;
      await random.pick(agents).killAndStart();
    }),
    repeat(QUIET_MS.hubs, async () => {
      troubles.hubsKilled++;
      await random.pick(hubs).killAndStart();
    }),
  ]);
  return troubles;
}
