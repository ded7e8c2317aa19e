import { z } from "zod";
import { commandArgument, timeoutArgument, wordArgument } from "../../work/arguments.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../../work/shell.ts";
import { keyArgument } from "../key.ts";
import { targetsArgument } from "../targets_argument.ts";
import { parseBatchSizes } from "./batches.ts";

/** Commands that run at once if a caller does not say. */
export const DEFAULT_PARALLEL = 32;
const MAX_PARALLEL = 256;
const MAX_HOSTS = 100_000;

/** The arguments of `remote_run`. */
export const runInput = z.strictObject({
  targets: targetsArgument,
  command: commandArgument("Shell command or script"),
  cwd: wordArgument("Working directory (default: home)").optional(),
  timeout: timeoutArgument(`Seconds on each host (default ${DEFAULT_TIMEOUT_SECONDS})`).optional(),
  parallel: z.int().min(1).max(MAX_PARALLEL)
    .describe(`Hosts at once (default ${DEFAULT_PARALLEL})`).optional(),
  batch: z.string().max(200)
    .refine((text) => parseBatchSizes(text) !== null, "it is no list of sizes such as 1,10%,100%")
    .describe("Do these many first, then go on if all is well: 1,10%,100%").optional(),
  max_fail: z.int().min(0).max(MAX_HOSTS)
    .describe("Failures that do not stop it between batches (default 0)").optional(),
  check: commandArgument("Command that must succeed after each batch").optional(),
  expect: z.int().min(1).max(MAX_HOSTS).describe("Refuse unless it is so many hosts").optional(),
  dry_run: z.boolean().describe("Only show what it would do").optional(),
  key: keyArgument,
});

/** They as a caller gave them. */
export type RunArgs = z.output<typeof runInput>;
