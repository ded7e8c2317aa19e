import { createHash } from "node:crypto";
import type { Clock } from "../../base/time/clock.ts";
import type { DeliveryOutcome } from "../../calls/record.ts";
import { claimantOf } from "../../fleet/claimant.ts";
import type { Host } from "../../fleet/host.ts";
import { createLimiter, type Limiter } from "../../fleet/limiter.ts";
import {
  type CallContext,
  type CallToolResult,
  defineTool,
  errorResult,
  type Tool,
} from "../../mcp/tool.ts";
import { formatCount } from "../../outputs/cut.ts";
import type { RemoteToolOptions } from "../definition.ts";
import { ArchiveInspection } from "./archive.ts";
import { answerCopy, copyOutput, type TargetFate } from "./answer.ts";
import { chooseEnds, findSourceRefusal, findTargetRefusal, type Route, usesOf } from "./choose.ts";
import { CopyEnd, type Done } from "./end.ts";
import { copyInput } from "./place.ts";
import { type Content, dropArchive, lookAt, packFolder } from "./source.ts";
import { CopyTarget, type Fate } from "./target.ts";
import { runTransfer } from "./transfer.ts";

/** What `remote_copy` works with. */
export interface CopyOptions extends RemoteToolOptions {
  readonly clock: Clock;
  /** Has garbage collected now; default: it is when it is. */
  readonly collect?: () => void;
}

/** Copies that run at once, each of which holds some pieces; how many more may wait, and how long. */
const COPIES = { running: 8, waiting: 64, waitMs: 600_000 } as const;

/** `remote_copy`: copies a file or folder from one host to others. */
export function remoteCopy(options: CopyOptions): Tool {
  const limiter = createLimiter({ ...COPIES, clock: options.clock });
  return defineTool({
    name: "remote_copy",
    title: "Copy files",
    description: "Copy a file or folder of any size from a remote host to others. Each gets " +
      "all of it, or stays as it was. Call again to go on after a failure.",
    input: copyInput,
    output: copyOutput,
    readOnly: false,
    idempotent: true,
    run: async function runCopy({ dry_run: isDry = false, ...args }, context) {
      const route = chooseEnds(args, context.principal, options.access());
      if (typeof route === "string") return errorResult(`Error: ${route}`);
      const { record, principal, signal } = context;
      record.hosts = [...new Set([route.source, ...route.targets].map(({ name }) => name))];
      const denial = isDry ? null : await context.confirm?.({ uses: usesOf(route) }) ?? null;
      if (denial !== null) return errorResult(`Error: ${denial}`);
      const obstacle = await options.beforeSend?.(record, { readOnly: isDry }) ?? null;
      if (obstacle !== null) return errorResult(`Error: ${obstacle}`);
      const place = await takePlace(limiter, principal, signal);
      if (typeof place === "string") return errorResult(`Error: ${place}`);
      using _place = place;
      return await copy(route, context, { options, isDry });
    },
  });
}

async function takePlace(limiter: Limiter, principal: string, signal: AbortSignal) {
  const place = await limiter.acquire(claimantOf(principal), signal);
  if (typeof place !== "string") return place;
  return place === "cancelled"
    ? "cancelled, nothing was copied"
    : `busy: ${limiter.running} copies are running, try again later`;
}

async function copy(
  route: Route,
  context: CallContext,
  { options, isDry }: { readonly options: CopyOptions; readonly isDry: boolean },
): Promise<CallToolResult> {
  const startedAt = options.now();
  const { principal } = context;
  const source = new CopyEnd(route.source, {
    ...options,
    context,
    findRefusal: (host) => findSourceRefusal(host, principal, options.access()),
  });
  const content = await readContent(source, route, isDry);
  if (content.kind === "failed") {
    source.record(content.outcome);
    return errorResult(`Error: nothing was copied: ${content.reason}`);
  }
  const targets = route.targets.map((host) =>
    openTarget(host, { route, content, context, options })
  );
  const sha256 = isDry ? null : await runTransfer({
    source,
    content,
    targets,
    collect: options.collect ?? (() => {}),
    inspection: content.archive === null ? null : new ArchiveInspection(),
    onProgress: (bytes) => reportProgress(bytes, { content, targets, context }),
  });
  await dropArchive(source, content);
  source.record("ok");
  const results: TargetFate[] = targets.map(({ end, fate }) => {
    end.record(outcomeOf(fate));
    return { host: end.host, fate };
  });
  const durationMs = Math.round(options.now() - startedAt);
  return answerCopy({ content, path: route.to, sha256, results, durationMs });
}

async function readContent(
  source: CopyEnd,
  { from, to }: Route,
  isDry: boolean,
): Promise<Content | Extract<Done, { readonly kind: "failed" }>> {
  const content = await lookAt(source, from);
  if (content.kind !== "folder" || isDry) return content;
  return await packFolder(source, from, idOf([source.host.name, from, to]));
}

function openTarget(
  host: Host,
  { route, content, context, options }: {
    readonly route: Route;
    readonly content: Content;
    readonly context: CallContext;
    readonly options: CopyOptions;
  },
): CopyTarget {
  const { kind, size, stamp } = content;
  const end = new CopyEnd(host, {
    ...options,
    context,
    findRefusal: (host) => findTargetRefusal(host, context.principal, options.access()),
  });
  const id = idOf([route.source.name, route.from, kind, String(size), stamp, route.to]);
  return new CopyTarget(end, { id, path: route.to, content });
}

/** The same for the same content on its way to the same place, so that a copy that was cut goes on. */
function idOf(words: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
}

function reportProgress(
  bytes: number,
  { content, targets, context }: {
    readonly content: Content;
    readonly targets: readonly CopyTarget[];
    readonly context: CallContext;
  },
): void {
  const inMegabytes = (bytes: number) => formatCount(Math.ceil(bytes / 1_000_000));
  const done = targets.filter(({ fate }) => fate !== null).length;
  const state = `${inMegabytes(bytes)} of ${inMegabytes(content.size)} MB, ` +
    `${done} of ${targets.length} targets done`;
  context.reportProgress?.(state);
  context.noteState?.(state);
}

function outcomeOf(fate: Fate | null): DeliveryOutcome {
  switch (fate?.kind) {
    case undefined:
    case "copied":
    case "same":
      return "ok";
    case "failed":
    case "not_delivered":
    case "unknown":
      return fate.kind;
  }
}
