import { EARLIER } from "../../lib/tools/key.ts";
import type { Executions, Nonce } from "../../tests/lab/executions.ts";
import type { ChaosTool, Workplace } from "./calls.ts";

/** A call that was answered, and what its answer said. Two calls with one key have one nonce. */
export interface AnsweredCall {
  readonly tool: ChaosTool;
  readonly nonce: Nonce;
  readonly outcome: string;
  /** Its words, to be compared with those for others with the nonce. */
  readonly text?: string;
}

/** Broken promises, counted; all must be 0. */
export interface Faults {
  readonly executedTwice: number;
  /** The answer said that it did not run. */
  readonly ranThoughNotDelivered: number;
  /** The answer said that it ran. */
  readonly okThoughNotRun: number;
  /** Two callers with one key have different answers, both of which say that it ran. */
  readonly answeredDifferently: number;
}

/** The answers of callers with one nonce, and how often their call ran. */
interface Run {
  readonly answers: readonly AnsweredCall[];
  readonly times: number;
}

/** What an answer says that was found out afterwards: the command's own words are lost. */
const PARTIAL = /\[the connection was lost: |its process id and log are not known/;

/** What an answer says of a run, whichever way it came; null: it has not all of it. */
function wordsOf({ outcome, text = "" }: AnsweredCall): string | null {
  if (outcome !== "ok" || PARTIAL.test(text)) return null;
  return ["[via ssh fallback]", " (via ssh)", EARLIER].reduce(
    (rest, way) => rest.replace(way, ""),
    text,
  )
    .trim();
}

/** Counts how often each call that changes something ran, on the backends and over ssh. */
export async function judge(
  calls: readonly AnsweredCall[],
  executions: Executions,
  { directory, journal }: Workplace,
): Promise<Faults> {
  const lines = (await Deno.readTextFile(journal)).split("\n");
  const overSsh = Map.groupBy(lines, (line) => line);
  const written = new Set((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name));
  const changes = Map.groupBy(calls.filter(({ tool }) => tool.changes), ({ nonce }) => nonce);
  const runs = [...changes].map(([nonce, answers]) => ({
    answers,
    times: executions.count(nonce) + (overSsh.get(nonce)?.length ?? 0) +
      (written.has(nonce) ? 1 : 0),
  }));
  const count = (isFault: (run: Run) => boolean) => runs.filter(isFault).length;
  return {
    executedTwice: count(({ times }) => times > 1),
    ranThoughNotDelivered: count(({ answers, times }) =>
      answers.every(({ outcome }) => outcome === "not_delivered") && times > 0
    ),
    okThoughNotRun: count(({ answers, times }) =>
      answers.some(({ outcome }) => outcome === "ok") && times === 0
    ),
    answeredDifferently: count(({ answers }) =>
      new Set(answers.flatMap((answer) => wordsOf(answer) ?? [])).size > 1
    ),
  };
}
