import type { ResultGroup } from "./fold.ts";

/** What is shown before each line of it. */
export const STDERR = "stderr: ";

/** What became of hosts, in a word or two, and where that stands among others. */
export function kindOf(
  { outcome, exitCode }: ResultGroup,
): { readonly order: number; readonly word: string } {
  switch (outcome) {
    case "ok":
      return exitCode === null
        ? { order: 256, word: "ran" }
        : { order: exitCode, word: `exit ${exitCode}` };
    case "failed":
      return { order: 257, word: "failed" };
    case "unknown":
      return { order: 258, word: "unknown" };
    case "not_delivered":
      return { order: 259, word: "not run" };
    case "skipped":
      return { order: 260, word: "skipped" };
  }
}

/** What became of hosts, as their first line says it. */
export function stateOf(group: ResultGroup): string {
  const { outcome, exitCode, note } = group;
  const because = note === null ? "" : `: ${note}`;
  switch (outcome) {
    case "ok": {
      const state = exitCode === null ? "ran, its exit code is not known" : `exit ${exitCode}`;
      const silence = hasOutput(group) ? "" : ", no output";
      return `${state}${note === null ? "" : `, ${note}`}${silence}`;
    }
    case "failed":
      return `FAILED${because}`;
    case "unknown":
      return `UNKNOWN, it may have run${because}`;
    case "not_delivered":
      return `NOT RUN${because}`;
    case "skipped":
      return `skipped${because}`;
  }
}

/** Whether there is any output. */
export function hasOutput({ stdout, stderr }: ResultGroup): boolean {
  return stdout !== "" || stderr !== "";
}
