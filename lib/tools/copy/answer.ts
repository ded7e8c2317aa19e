import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { Host } from "../../fleet/host.ts";
import type { CallToolResult } from "../../mcp/tool.ts";
import { formatBytes } from "../../outputs/cut.ts";
import { foldNames } from "../../targets/fold_names.ts";
import type { Content } from "./source.ts";
import type { Fate } from "./target.ts";

const MAX_PATH = 300;

/** `structuredContent` of `remote_copy`. */
export const copyOutput = z.object({
  kind: z.enum(["file", "folder"]),
  bytes: z.int().describe("Of the file, or of the archive of the folder"),
  sha256: z.string().nullable().describe("The same; null: it was not read to its end"),
  path: z.string().describe("On the targets"),
  results: z.array(z.object({
    host: z.string(),
    outcome: z.enum(["copied", "same", "failed", "not_delivered", "unknown", "planned"]).describe(
      "same: it was there already. failed, not_delivered: what was there before still is",
    ),
    reason: z.string().nullable(),
  })),
  left_out: z.string().nullable().describe("What of a folder was not copied"),
  duration_ms: z.number(),
});

/** A target, and what has become of it. */
export interface TargetFate {
  readonly host: Host;
  readonly fate: Fate | null;
}

/** What is answered. */
export interface CopyAnswer {
  readonly content: Content;
  readonly path: string;
  readonly sha256: string | null;
  readonly results: readonly TargetFate[];
  readonly durationMs: number;
}

/** The answer of a copy; targets with the same fate are put together. Null fates: it was a dry run. */
export function answerCopy(
  { content, path, sha256, results, durationMs }: CopyAnswer,
): CallToolResult {
  const { kind, size, mode } = content;
  const groups = [...Map.groupBy(results, ({ fate }) => wordsOf(fate))]
    .toSorted(([a], [b]) => orderOf(a) - orderOf(b));
  const count = results.length === 1 ? "1 target" : `${results.length} targets`;
  const isDry = results.every(({ fate }) => fate === null);
  const good = results.filter(({ fate }) => fate === null || GOOD.has(fate.kind)).length;
  const hash = sha256 === null || kind === "folder" ? "" : `, sha256 ${sha256}`;
  const what = isDry && kind === "folder"
    ? `folder, mode ${mode}`
    : `${kind === "file" ? "file" : "folder, as an archive"} of ${formatBytes(size)}, mode ${mode}`;
  const first = isDry
    ? `dry run, nothing was copied: ${what}, to ${count}`
    : `${good} of ${count} ${good === 1 ? "has" : "have"} it: ${what}${hash} ` +
      `(${(durationMs / 1_000).toFixed(1)} s)`;
  const text = [
    first,
    `path: ${foreignText(path, MAX_PATH)}`,
    ...groups.map(([words, group]) => `== ${namesOf(group)}: ${words}`),
    ...(content.left_out === null ? [] : [`left out: ${foreignText(content.left_out)}`]),
  ].join("\n");
  return {
    content: [{ type: "text", text }],
    isError: good === 0,
    structuredContent: {
      kind,
      bytes: size,
      sha256,
      path,
      results: results.map(({ host, fate }) => ({
        host: host.name,
        outcome: fate?.kind ?? "planned",
        reason: fate !== null && "reason" in fate ? fate.reason : null,
      })),
      left_out: content.left_out,
      duration_ms: durationMs,
    },
  };
}

const GOOD: ReadonlySet<string> = new Set(["copied", "same"]);

function wordsOf(fate: Fate | null): string {
  switch (fate?.kind) {
    case undefined:
      return "it would be copied";
    case "copied":
      return "copied";
    case "same":
      return "it was there already";
    case "failed":
      return `FAILED, nothing has changed: ${fate.reason}`;
    case "not_delivered":
      return `NOT COPIED, nothing has changed: ${fate.reason}`;
    case "unknown":
      return `UNKNOWN, it has all of it or none: ${fate.reason}`;
  }
}

/** What has gone wrong stands first. */
function orderOf(words: string): number {
  return /^[A-Z]/.test(words) ? 0 : 1;
}

function namesOf(group: readonly TargetFate[]): string {
  const names = foldNames(group.map(({ host }) => host.name));
  return group.length === 1 ? names : `${names} (${group.length})`;
}
