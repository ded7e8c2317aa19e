import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import { cutText } from "../../outputs/cut.ts";
import { joinCutField } from "../../outputs/marker.ts";
import { VIAS } from "../../fleet/transport.ts";
import type { CallContext, CallToolResult } from "../../mcp/tool.ts";
import { foldNames } from "../../targets/fold_names.ts";
import type { ResultGroup } from "../../targets/folding/fold.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import { renderGroups } from "../../targets/folding/render.ts";
import type { PlannedHost } from "./plan.ts";
import { hasSucceeded } from "./report.ts";
import type { RolloutEnd } from "./rollout.ts";

/** Longest expression that is shown for the hosts that were skipped, of names in other lines, and reason. */
const MAX_TARGETS = 1_000;
const MAX_NAMES = 400;
const MAX_STOPPED = 2_000;

/** `structuredContent` of `remote_run`. */
export const runOutput = z.object({
  counts: z.object({
    hosts: z.int(),
    succeeded: z.int().describe("Exit 0, or not known"),
    failed: z.int().describe("It ran, and failed"),
    not_delivered: z.int().describe("It certainly did not run"),
    unknown: z.int().describe("It may have run"),
    skipped: z.int().describe("Its turn did not come"),
  }),
  groups: z.array(z.object({
    targets: z.string().describe("The hosts as a target expression"),
    names: z.array(z.string()),
    outcome: z.enum(["ok", "failed", "not_delivered", "unknown", "skipped"]),
    exit_code: z.int().nullable(),
    stdout: z.string().describe("{host} in it is the name of each host"),
    stderr: z.string(),
    reason: z.string().nullable().describe("Why it did not run, or how it ended"),
    truncated: z.boolean().describe("The middle of the output is missing"),
  })).describe("Hosts with the same result"),
  stopped: z.string().nullable().describe("Why not all is done, or not well"),
  skipped: z.array(z.string()).describe("Hosts whose turn did not come"),
  again: z.array(z.string()).describe("Hosts that certainly did not run it, but for those skipped"),
  earlier: z.array(z.string()).describe("Hosts that ran it in an earlier call with this key"),
  plan: z.array(z.object({
    host: z.string(),
    batch: z.int(),
    up: z.boolean().nullable(),
    via: z.enum(VIAS).nullable(),
    error: z.string().nullable(),
    refusal: z.string().nullable(),
  })).describe("Of a dry run; else empty"),
  duration_ms: z.number(),
});

type RunStructure = z.output<typeof runOutput>;

/** The answer of a run that has ended, which a shorter one is offered for. */
export function answerRun(
  { report, stopped }: RolloutEnd,
  { targets, durationMs, offerShorter }: Pick<CallContext, "offerShorter"> & {
    /** The expression of the call. */
    readonly targets: string;
    readonly durationMs: number;
  },
): CallToolResult {
  const { groups, skipped, earlier } = report;
  const done = groups.filter(({ outcome }) => outcome !== "skipped").flatMap(({ hosts }) => hosts);
  const footer = (maxChars: number) => [
    ...(earlier.length === 0
      ? []
      : [`${EARLIER}${namesWithin(earlier, Math.min(MAX_NAMES, maxChars))}`]),
    ...(stopped === null
      ? []
      : [`stopped: ${foreignText(stopped, Math.min(MAX_STOPPED, maxChars))}`]),
    ...(skipped.length === 0 ? [] : [howToGoOn({ targets, skipped, done, maxChars })]),
  ];
  const text = (maxChars: number) =>
    renderGroups(groups, { elapsedMs: durationMs, maxChars, footer });
  const structure: RunStructure = {
    counts: countOutcomes(groups),
    groups: groups.map(toEntry),
    stopped,
    skipped: [...skipped],
    again: groups.filter(({ outcome }) => outcome === "not_delivered").flatMap(({ hosts }) =>
      hosts
    ),
    earlier: [...earlier],
    plan: [],
    duration_ms: durationMs,
  };
  offerShorter?.({ text, structure: (maxChars) => shorten(structure, maxChars) });
  return { content: [{ type: "text", text: text(0) }], structuredContent: structure };
}

/** The answer of a dry run. */
export function answerPlan(
  planned: readonly PlannedHost[],
  { text, durationMs }: { readonly text: string; readonly durationMs: number },
): CallToolResult {
  const structure: RunStructure = {
    counts: { ...countOutcomes([]), hosts: planned.length },
    groups: [],
    stopped: null,
    skipped: [],
    again: [],
    earlier: [],
    plan: planned.map(({ host, batch, state, refusal }) => ({
      host: host.name,
      batch,
      up: state?.up ?? null,
      via: state?.via ?? null,
      error: state?.detail ?? null,
      refusal,
    })),
    duration_ms: durationMs,
  };
  return { content: [{ type: "text", text }], structuredContent: structure };
}

const EARLIER = "not run again, earlier answers: ";

/** Names that share no ranges have no room: then it is all but those that had their turn. */
function howToGoOn(
  { targets, skipped, done, maxChars }: {
    readonly targets: string;
    readonly skipped: readonly string[];
    readonly done: readonly string[];
    readonly maxChars: number;
  },
): string {
  const most = Math.min(MAX_TARGETS, maxChars);
  const names = foldNames(skipped);
  if (names.length <= most) return `to go on: targets="${names}"`;
  const others = [targets, ...foldNames(done).split(" ")].join(" ! ");
  return others.length <= most && !targets.includes("\n")
    ? `to go on: targets="${others}", expect=${skipped.length}`
    : `to go on: the ${skipped.length} skipped hosts`;
}

function countOutcomes(groups: readonly ResultGroup[]): RunStructure["counts"] {
  const count = (matches: (group: ResultGroup) => boolean) =>
    groups.filter(matches).reduce((sum, { hosts }) => sum + hosts.length, 0);
  return {
    hosts: count(() => true),
    succeeded: count(hasSucceeded),
    failed: count((group) =>
      group.outcome === "failed" || group.outcome === "ok" && !hasSucceeded(group)
    ),
    not_delivered: count(({ outcome }) => outcome === "not_delivered"),
    unknown: count(({ outcome }) => outcome === "unknown"),
    skipped: count(({ outcome }) => outcome === "skipped"),
  };
}

function toEntry(group: ResultGroup): RunStructure["groups"][number] {
  const { hosts, outcome, exitCode, stdout, stderr, note, isCut } = group;
  return {
    targets: foldNames(hosts),
    names: [...hosts],
    outcome,
    exit_code: exitCode,
    stdout,
    stderr,
    reason: note,
    truncated: isCut,
  };
}

function shorten(structure: RunStructure, maxChars: number): RunStructure {
  return {
    ...structure,
    groups: structure.groups.map((group) => {
      const [stdout, stderr] = [cutText(group.stdout, maxChars), cutText(group.stderr, maxChars)];
      return {
        ...group,
        stdout: stdout === null ? group.stdout : joinCutField(stdout),
        stderr: stderr === null ? group.stderr : joinCutField(stderr),
        truncated: group.truncated || stdout !== null || stderr !== null,
      };
    }),
  };
}
