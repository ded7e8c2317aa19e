import { setTimeout as delay } from "node:timers/promises";
import { type Asked, askForOutcome, askForText, type ChaosCall } from "./ask.ts";

/** What a caller knows in the end. */
export interface Learned {
  readonly outcome: string;
  readonly text: string;
}

/** The URLs of two hubs: the one to call, and the other. */
export type Pair = readonly [string, string];

const PAUSE_MS = 250;
/** A hub is back long before. */
const MAX_TRIES = 240;
const NEVER_SENT: Learned = { outcome: "not_delivered", text: "" };
/** The hub died: to its caller as good as unknown. */
const BROKEN: Learned = { outcome: "broken off", text: "" };

/** Calls once: whoever loses the hub meanwhile does not repeat it. */
export async function callOnce(hubs: Pair, call: ChaosCall): Promise<Learned> {
  const { asked } = await askWhoListens(hubs, (url) => askForOutcome(url, call));
  return asked.kind === "answer" ? asked : asked.kind === "broken" ? BROKEN : NEVER_SENT;
}

/** Calls with a key, and with the same one again, at the other hub, until there is an answer. */
export async function callWithKey(hubs: Pair, call: ChaosCall): Promise<Learned> {
  let mayHaveRun = false;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const asked = await askForOutcome(hubs[tries % 2] ?? hubs[0], call);
    if (asked.kind === "broken") mayHaveRun = true;
    // Of an attempt before this one it says nothing.
    const isOpen = asked.kind !== "answer" || mayHaveRun && asked.outcome === "not_delivered";
    if (!isOpen) return asked;
    await delay(PAUSE_MS);
  }
  return mayHaveRun ? BROKEN : NEVER_SENT;
}

/** Calls what outlasts the wait, and collects its answer from the other hub. */
export async function callAndCollect(
  hubs: Pair,
  call: ChaosCall,
  onCollected: () => void,
): Promise<Learned> {
  const { asked, hub } = await askWhoListens(hubs, (url) => askForText(url, call));
  if (asked.kind !== "answer") return asked.kind === "broken" ? BROKEN : NEVER_SENT;
  const id = /^still running: remote_output id="(o-\w+)"/.exec(asked.text)?.[1];
  if (id === undefined) return asked;
  const others: Pair = hub === hubs[0] ? [hubs[1], hubs[0]] : [hubs[0], hubs[1]];
  const reading = { tool: "remote_output", args: { id, wait: 5 }, client: call.client };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const read = await askWhoListens(others, (url) => askForText(url, reading));
    if (read.asked.kind === "answer" && !isToAskAgain(read.asked.text)) {
      if (read.hub !== hub && read.asked.outcome === "ok") onCollected();
      return read.asked;
    }
    await delay(PAUSE_MS);
  }
  return { outcome: "unclear", text: `never collected: ${id}` };
}

function isToAskAgain(text: string): boolean {
  return text.startsWith("still running: ") || text.includes("Ask again later");
}

async function askWhoListens(
  hubs: Pair,
  ask: (url: string) => Promise<Asked>,
): Promise<{ readonly asked: Asked; readonly hub: string }> {
  for (let tries = 0;; tries++) {
    const hub = hubs[tries % 2] ?? hubs[0];
    const asked = await ask(hub);
    if (asked.kind !== "refused" || tries === MAX_TRIES) return { asked, hub };
    await delay(PAUSE_MS);
  }
}
