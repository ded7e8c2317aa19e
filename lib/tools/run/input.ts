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
/** Characters of a named command's name. */
const MAX_NAME = 64;

const check = commandArgument("Command to exit 0 after each batch").optional();

const shape = {
  targets: targetsArgument,
  command: commandArgument("Shell command or script"),
  cwd: wordArgument("Directory (default: home)").optional(),
  timeout: timeoutArgument(`Seconds on each host (default ${DEFAULT_TIMEOUT_SECONDS})`).optional(),
  parallel: z.int().min(1).max(MAX_PARALLEL)
    .describe(`Hosts at once (default ${DEFAULT_PARALLEL})`).optional(),
  batch: z.string().max(200)
    .refine((text) => parseBatchSizes(text) !== null, "it is no list of sizes such as 1,10%,100%")
    .describe("Batch sizes, the last repeats: 1,10%,100%").optional(),
  max_fail: z.int().min(0).max(MAX_HOSTS)
    .describe("Failures to go on after (default 0)").optional(),
  check,
  expect: z.int().min(1).max(MAX_HOSTS).describe("Refused unless so many hosts").optional(),
  dry_run: z.boolean().describe("Only the plan").optional(),
  key: keyArgument,
};

const name = z.string().max(MAX_NAME, `it has more than ${MAX_NAME} characters`).describe(
  "Named command",
);
const args = z.looseObject({}).describe("Its arguments").optional();

const { targets, command, cwd, ...others } = shape;
const { check: _check, timeout: _timeout, ...rollout } = others;

/** The arguments of `remote_run` where there are no named commands. */
export const runInput = z.strictObject(shape);

/** Those where there are. */
export const mixedInput = z.strictObject({
  targets,
  command: command.optional(),
  name: name.optional(),
  args,
  cwd,
  ...others,
});

/** Those for a caller who may run named commands alone. */
export const aloneInput = z.strictObject({
  targets,
  name,
  args,
  timeout: timeoutArgument("Seconds on each host").optional(),
  ...rollout,
});

/** These, as they were read. */
export type RunArgs = z.output<typeof mixedInput>;
