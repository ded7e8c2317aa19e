import { z } from "zod";
import { readNumber } from "./fields.ts";

/** The states of a job. */
export const JOB_STATES = [
  /** Its folder is there, its process not yet. */
  "starting",
  "running",
  "exited",
  /** It ended after it was killed by its id. */
  "killed",
  /** It ended, and how is not known. */
  "lost",
  /** It ended with its host, or its container. */
  "rebooted",
  /** Whoever was to start it was cut off before. */
  "never started",
] as const;

/** One of them. */
export type JobState = (typeof JOB_STATES)[number];

/** The `state` argument of tools that list jobs. */
export const jobStateArgument = z.enum(["running", "exited", "killed", "lost", "rebooted"])
  .describe("Only these");

/** What is known of a job's life. */
export interface JobLife {
  readonly state: JobState;
  /** Null: it goes on, or its exit code is not known. */
  readonly exitCode: number | null;
  /** Who has killed it; null: nobody, by its id. */
  readonly killedBy: string | null;
  /** For how long it runs, or ran, in seconds; null: that is not known. */
  readonly seconds: number | null;
}

/** Whether it has not ended. */
export function goesOn({ state }: Pick<JobLife, "state">): boolean {
  return state === "running" || state === "starting";
}

/** A state as a script writes it, in one word; null: it is none. */
export function readJobState(word: string): JobState | null {
  return JOB_STATES.find((state) => state.replace(" ", "_") === word) ?? null;
}

/** A state that another program has named; what it may name one day counts as an end. */
export function toJobState(word: string): JobState {
  return JOB_STATES.find((state) => state === word) ?? "lost";
}

/** A job's state in words: `exited 0 after 3 min`. */
export function describeJob({ state, exitCode, killedBy, seconds }: JobLife): string {
  const code = exitCode === null ? "" : ` ${exitCode}`;
  const after = seconds === null ? "" : ` after ${formatSpan(seconds)}`;
  switch (state) {
    case "running":
      return seconds === null ? "running" : `running for ${formatSpan(seconds)}`;
    case "exited":
      return `exited${code}${after}`;
    case "killed":
      return `killed${killedBy === null ? "" : ` by ${killedBy}`}, exited${code}${after}`;
    case "lost":
      return "lost: it has ended, and how is not known";
    case "rebooted":
      return "rebooted: it ended when its host was restarted";
    case "never started":
      return "never started";
    case "starting":
      return "starting";
  }
}

/** The seconds between two times that a script wrote; null: one of them is not known. */
export function spanOf(since: string | undefined, end: string | undefined): number | null {
  const [from, to] = [readNumber(since), readNumber(end)];
  return from === null || to === null ? null : Math.max(0, to - from);
}

const SPANS = [[86_400, "d"], [3_600, "h"], [60, "min"]] as const;

/** A time for people and models: `45 s`, `3 min`, `2 h`, `5 d`. */
export function formatSpan(seconds: number): string {
  const [size, unit] = SPANS.find(([size]) => seconds >= 2 * size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}
