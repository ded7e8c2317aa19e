import { quote } from "../../shell/quote.ts";

/** A folder of jobs on a host: an agent's, by its path, or the one in the home of whoever asks. */
export type JobPlace = { readonly kind: "folder"; readonly path: string } | {
  readonly kind: "own";
};

/** Jobs that the user has started over ssh. */
export const OWN_JOBS: JobPlace = { kind: "own" };

/** Where `lmcp-agent` keeps its state unless it is set otherwise. */
const AGENT_STATE = "/var/lib/lmcp-agent";

/** The jobs of an agent that keeps its state in a directory. */
export function jobsBelow(stateDirectory: string): JobPlace {
  return { kind: "folder", path: `${stateDirectory}/jobs` };
}

/** The jobs of an agent by the folder of claims that it has announced; null: it has announced none. */
export function jobsBeside(claims: string | null): JobPlace {
  return jobsBelow(claims === null ? AGENT_STATE : claims.replace(/\/claims$/, ""));
}

/** Source that makes a folder of jobs, sets `j` to it, and fails with `$why`. */
export function makePlace(place: JobPlace): string {
  return place.kind === "own"
    ? `claim_own && job_make "$d" && j=$d/jobs && job_make "$j"`
    : `j=${quote(place.path)} && job_make "$j"`;
}

/** Source that sets `j` to a folder of jobs if that is there and the user's own, and fails if not. */
export function enterPlace(place: JobPlace): string {
  return place.kind === "own"
    ? `claim_own && j=$d/jobs && claim_private "$j"`
    : `j=${quote(place.path)} && claim_private "$j"`;
}

/** Source that sets `j` to where a folder of jobs would be. */
export function findPlace(place: JobPlace): string {
  return place.kind === "own" ? `claim_own && j=$d/jobs` : `j=${quote(place.path)}`;
}
