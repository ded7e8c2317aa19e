import { z } from "zod";

/** The name of a backend's tool, which has 128 characters at most. */
export const toolNameArgument = z.string().max(128, "it has more than 128 characters");
