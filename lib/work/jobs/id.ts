import { z } from "zod";

/** The id of a claim, or how it begins. */
const ID = /^k?[0-9a-f]{8,32}(-[1-9][0-9]?)?$/;
/** So much of an id is shown in a list, which is enough to name the job. */
const SHORT = 8;

/** Whether a text can name a job: its id, or at least eight characters of its beginning. */
export function isJobId(text: string): boolean {
  return ID.test(text);
}

/** The id of a job, as another program has written it. */
export const jobIdSchema = z.string().refine(isJobId);

/** The `id` argument of tools for jobs. */
export const jobIdArgument = z.string().refine(isJobId, "it is not the id of a job").describe(
  "Id of the job, or at least the first 8 characters of it",
);

/** The beginning of an id, by which a model names the job. */
export function shortJobId(id: string): string {
  return id.slice(0, id.startsWith("k") ? SHORT + 1 : SHORT);
}
