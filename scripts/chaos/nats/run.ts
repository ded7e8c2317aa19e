import { setTimeout as delay } from "node:timers/promises";
import { createNonce, Executions } from "../../../tests/lab/executions.ts";
import { until } from "../../../tests/processes.ts";
import { CHAOS_TOOLS, type ChaosTool, type Workplace } from "../calls.ts";
import type { Random } from "../random.ts";
import { type AnsweredCall, judge } from "../verdict.ts";
import { askForOutcome } from "./ask.ts";
import { callAndCollect, callOnce, callWithKey, type Learned, type Pair } from "./callers.ts";
import { type NatsFleet, startNatsFleet } from "./fleet.ts";
import { makeTrouble, type Troubles } from "./troubles.ts";

/** How much `runNatsChaos()` does. */
export interface NatsChaosOptions {
  readonly calls: number;
  readonly inFlight: number;
  /** No call begins after so long. */
  readonly maxMs: number;
  readonly random: Random;
  readonly directory: string;
}

/** What came of it. */
export interface NatsChaosReport {
  /** Calls that were begun, two with one key counted once. */
  readonly calls: number;
  readonly answered: readonly AnsweredCall[];
  /** Answers of calls that went on, which another hub than theirs gave. */
  readonly collectedElsewhere: number;
  readonly troubles: Troubles;
  /** Broken promises, counted; all must be 0. */
  readonly faults: Readonly<Record<string, number>>;
  /** What no caller can make sense of. */
  readonly unclear: readonly string[];
}

/** The shares of calls with a key, sent to both hubs at once, and of those that outlast the wait. */
const KEYED = 0.2;
const LONG = 0.15;
/** Of two callers with a key, one in two is late by so much at most: there may be another way then. */
const LATE_MS = 8_000;
/** A real agent edits only what is there. */
const TOOLS = CHAOS_TOOLS.filter(({ name }) => name !== "remote_edit_file");
/** Goes on for longer than its caller waits. */
const LONG_SHELL: ChaosTool = {
  name: "remote_shell",
  changes: true,
  args: (nonce, { journal }) => ({
    command: `echo ${nonce} >>${journal}; sleep 1.$((RANDOM % 90 + 10)); echo done`,
    timeout: 20,
    wait: 1,
  }),
};

interface Run extends NatsChaosOptions {
  readonly fleet: NatsFleet;
  readonly client: Deno.HttpClient;
  readonly place: Workplace;
  readonly answered: AnsweredCall[];
  readonly unclear: string[];
  readonly startedAt: number;
  started: number;
  collectedElsewhere: number;
}

/** Makes calls through two hubs while the broker, the agents and the hubs are killed and paused. */
export async function runNatsChaos(options: NatsChaosOptions): Promise<NatsChaosReport> {
  const { directory, random } = options;
  const place = { directory: `${directory}/place`, journal: `${directory}/journal` };
  await Deno.mkdir(place.directory);
  await Deno.writeTextFile(place.journal, "");
  await using fleet = await startNatsFleet(directory);
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  await untilAllAnswer(fleet, client);
  const startedAt = performance.now();
  const counts = { started: 0, collectedElsewhere: 0 };
  const run: Run = {
    ...options,
    ...counts,
    fleet,
    client,
    place,
    answered: [],
    unclear: [],
    startedAt,
  };
  const ending = new AbortController();
  const trouble = makeTrouble(fleet, random, ending.signal);
  try {
    await Promise.all(Array.from({ length: options.inFlight }, () => work(run)));
  } finally {
    ending.abort();
  }
  const { answered, unclear, started, collectedElsewhere } = run;
  const faults = await judge(answered, new Executions(), place);
  return {
    calls: started,
    answered,
    collectedElsewhere,
    troubles: await trouble,
    faults: { ...faults, withoutAnswer: unclear.length },
    unclear,
  };
}

async function untilAllAnswer({ hubs, hosts }: NatsFleet, client: Deno.HttpClient): Promise<void> {
  await until(async () => {
    const answers = hubs.flatMap(({ url }) =>
      hosts.map((host) =>
        askForOutcome(url, { tool: "remote_shell", args: { host, command: ":" }, client })
      )
    );
    return (await Promise.all(answers)).every((asked) =>
      asked.kind === "answer" && asked.outcome === "ok"
    );
  }, 30_000);
}

async function work(run: Run): Promise<void> {
  while (run.started < run.calls && performance.now() - run.startedAt < run.maxMs) {
    run.started++;
    await makeCall(run);
  }
}

async function makeCall(run: Run): Promise<void> {
  const { random, fleet, place, client } = run;
  const [first, second] = fleet.hubs.map(({ url }) => url);
  if (first === undefined || second === undefined) return;
  const forth: Pair = [first, second];
  const back: Pair = [second, first];
  const hubs = random.pick([forth, back]);
  const nonce = createNonce();
  const isLong = random.next() < LONG;
  const tool = isLong ? LONG_SHELL : random.pick(TOOLS);
  const call = {
    tool: tool.name,
    args: { host: random.pick(fleet.hosts), ...tool.args(nonce, place) },
    client,
  };
  const note = async (learning: Promise<Learned>) => {
    const { outcome, text } = await learning.catch(withoutAnswer);
    if (outcome === "unclear") run.unclear.push(`${tool.name} ${nonce}: ${text}`);
    run.answered.push({ tool, nonce, outcome, text });
  };
  if (isLong) return await note(callAndCollect(hubs, call, () => run.collectedElsewhere++));
  if (!tool.changes || random.next() >= KEYED) return await note(callOnce(hubs, call));
  const keyed = { ...call, args: { ...call.args, key: nonce } };
  const lateMs = Math.max(0, random.next() - 0.5) * 2 * LATE_MS;
  await Promise.all([
    note(callWithKey(forth, keyed)),
    delay(lateMs).then(() => note(callWithKey(back, keyed))),
  ]);
}

function withoutAnswer(error: unknown): Learned {
  return { outcome: "unclear", text: String(error) };
}
