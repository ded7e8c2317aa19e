import { z } from "zod";

/** The latest time that a `Date` can hold, on either side of 1970. */
const MAX_MS = 8.64e15;

/** Milliseconds since 1970, as another hub's clock had them: no text can be made of any other number. */
export const wallTime = z.number().min(-MAX_MS).max(MAX_MS);
