import { z } from "zod";
import type { Clock } from "../../base/time/clock.ts";
import { rest } from "../../base/time/rest.ts";
import { within } from "../../base/time/within.ts";
import type { Redact } from "../../base/text/redact.ts";
import type { PeerAnswer, Peers } from "../../shared/peers.ts";
import type { RunningOutput } from "../shelf.ts";
import type { OwnOutputs } from "../store.ts";

/** What hubs ask each other about calls that go on. */
const TOPIC = "output";
/** A hub waits so long at a time for the end of another's call: so it notices that the hub is gone. */
const ROUND_MS = 10_000;
/** What an answer may take beyond that. */
const ANSWER_MS = 2_000;
/** After a question that was not answered, or too soon. */
const REST_MS = 500;
/** Questions in a row that are not answered before a hub counts as gone. */
const MAX_FAILURES = 6;

const question = z.object({
  /** Its state now, its end, or to end it. */
  asks: z.enum(["state", "wait", "end"]),
  principal: z.string(),
  id: z.string(),
  ms: z.number().min(0),
});

const answer = z.object({
  state: z.enum(["running", "ended", "unknown"]),
  /** How long it has been running, in milliseconds. */
  forMs: z.number().default(0),
  note: z.string().max(1_000).nullable().default(null),
});

type Answer = z.output<typeof answer>;

/** Options of answering others. */
export interface ServeOptions {
  readonly peers: Peers;
  readonly own: OwnOutputs;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly redact: Redact;
  /** Resolves when the table has what is known of an id. */
  readonly settled: (principal: string, id: string) => Promise<void>;
  /** Ends what others wait for. */
  readonly signal: AbortSignal;
}

/** Answers what other hubs ask about this hub's calls. Returns the function that ends it. */
export function serveRunning(options: ServeOptions): () => void {
  const { peers, own, clock, redact, settled, signal } = options;
  return peers.serve(TOPIC, async function answerAboutCall(body) {
    const { data } = question.safeParse(body);
    if (data === undefined) return null;
    const { asks, principal, id, ms } = data;
    const found = own.find(principal, id);
    if (found === null) return { state: "unknown" };
    if (found.kind === "running") {
      if (asks === "end") found.end();
      const hasEnded = asks === "wait" && await found.waitForEnd(Math.min(ms, ROUND_MS), signal);
      if (!hasEnded) {
        const note = found.state?.() ?? null;
        const forMs = clock.now() - found.startedAt;
        return { state: "running", forMs, note: note && redact(note).slice(0, 1_000) };
      }
    }
    await settled(principal, id);
    return { state: "ended" };
  });
}

/** A call that another hub runs. */
export interface CallElsewhere {
  readonly hub: string;
  readonly principal: string;
  readonly id: string;
}

/** What is known of it; `away`: nobody can be asked now. */
export type Elsewhere =
  | RunningOutput
  | { readonly kind: "ended" }
  | { readonly kind: "unknown" }
  | { readonly kind: "lost" }
  | { readonly kind: "away" };

/** Asks the hub that runs a call how far it has come. */
export async function askElsewhere(
  call: CallElsewhere,
  { peers, clock }: Pick<ServeOptions, "peers" | "clock">,
): Promise<Elsewhere> {
  const ask = (asks: z.input<typeof question>["asks"], ms: number) =>
    peers.ask(call.hub, {
      topic: TOPIC,
      body: { asks, principal: call.principal, id: call.id, ms },
      timeoutMs: ms + ANSWER_MS,
    });
  const known = readAnswer(await ask("state", 0));
  if (typeof known === "string") return { kind: known };
  if (known.state !== "running") return { kind: known.state };
  return {
    kind: "running",
    startedAt: clock.now() - known.forMs,
    state: () => known.note,
    end: () => {
      ask("end", 0).catch(() => {});
    },
    waitForEnd: (ms, signal) =>
      waitElsewhere((ms) => ask("wait", ms), { untilMs: clock.now() + ms, clock, signal }),
  };
}

function readAnswer(said: PeerAnswer): Answer | "lost" | "away" {
  if (said.kind === "away") return "away";
  const { data } = answer.safeParse(said.kind === "answer" ? said.body : null);
  return data ?? "lost";
}

async function waitElsewhere(
  ask: (ms: number) => Promise<PeerAnswer>,
  { untilMs, clock, signal }: {
    readonly untilMs: number;
    readonly clock: Pick<Clock, "now" | "after">;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  let failures = 0;
  for (let left = untilMs - clock.now(); left > 0; left = untilMs - clock.now()) {
    const askedAt = clock.now();
    const said = await within(ask(Math.min(left, ROUND_MS)), ROUND_MS + 2 * ANSWER_MS, signal);
    if (typeof said === "string") return false;
    const known = readAnswer(said);
    if (typeof known !== "string") {
      if (known.state !== "running") return true;
      failures = 0;
      // One that did not wait is not asked without end.
      if (clock.now() - askedAt >= REST_MS) continue;
    } else {
      // As long as nobody can be asked, nothing is known of that hub.
      failures = known === "away" ? 0 : failures + 1;
      if (failures >= MAX_FAILURES) return false;
    }
    await rest(Math.min(REST_MS, untilMs - clock.now()), { clock, signal });
  }
  return false;
}
