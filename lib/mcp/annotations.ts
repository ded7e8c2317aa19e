/** Hints of a tool that looks at files. */
export const READS_FILES = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** Hints of a tool that runs whatever it is told. */
export const RUNS_COMMANDS = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
} as const;

/** Hints of a tool that changes a file, and does so again when repeated. */
export const CHANGES_FILES = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: false,
} as const;

/** Hints of a tool that gives a file its whole content: doing so again changes nothing. */
export const REPLACES_FILES = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
} as const;
