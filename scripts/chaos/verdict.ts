import type { Executions, Nonce } from "../../tests/lab/executions.ts";
import type { ChaosTool, Workplace } from "./calls.ts";

/** A call that was answered, and what its answer said. */
export interface AnsweredCall {
  readonly tool: ChaosTool;
  readonly nonce: Nonce;
  readonly outcome: string;
}

/** Broken promises, counted; all must be 0. */
export interface Faults {
  readonly executedTwice: number;
  /** The answer said that it did not run. */
  readonly ranThoughNotDelivered: number;
  /** The answer said that it ran. */
  readonly okThoughNotRun: number;
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
  const runs = calls.filter(({ tool }) => tool.changes).map(({ nonce, outcome }) => ({
    outcome,
    times: executions.count(nonce) + (overSsh.get(nonce)?.length ?? 0) +
      (written.has(nonce) ? 1 : 0),
  }));
  const count = (isFault: (run: { outcome: string; times: number }) => boolean) =>
    runs.filter(isFault).length;
  return {
    executedTwice: count(({ times }) => times > 1),
    ranThoughNotDelivered: count(({ outcome, times }) => outcome === "not_delivered" && times > 0),
    okThoughNotRun: count(({ outcome, times }) => outcome === "ok" && times === 0),
  };
}
