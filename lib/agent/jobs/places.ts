import { type JobPlace, jobsBelow, OWN_JOBS } from "../../work/jobs/place.ts";
import type { RunBash } from "../bash.ts";

/** What the agent's tools for jobs need. */
export interface JobToolOptions {
  readonly runBash: RunBash;
  /** Absolute path of the directory below which the agent's jobs are kept. */
  readonly stateDirectory: string;
}

/** Where an agent looks for jobs: its own, and those that its user has started over ssh. */
export function jobPlaces({ stateDirectory }: JobToolOptions): readonly JobPlace[] {
  return [jobsBelow(stateDirectory), OWN_JOBS];
}
