import { foreignText } from "../../base/text/foreign_text.ts";
import type { Host } from "../../fleet/host.ts";
import type { Work } from "../../fleet/transport.ts";
import { namesWithin } from "../../targets/folding/names_within.ts";
import type { HostResult } from "../../targets/folding/host_result.ts";
import { MAX_KEY_CHARS } from "../key.ts";
import { type BatchOptions, runBatch } from "./batch.ts";

/** Different failures of a check that are shown, and characters of their hosts and of each reason. */
const MAX_FAILURES = 5;
const MAX_NAMES = 200;
const MAX_REASON = 200;

/** Before a key, it makes one that no caller can give: it is too long. */
const CHECK_KEY = "check ".padEnd(MAX_KEY_CHARS + 1);

/** Runs a check on the hosts of a batch; returns where it failed, and why; null: nowhere. */
export async function checkBatch(
  hosts: readonly Host[],
  check: Work,
  { key, ...options }: BatchOptions,
): Promise<string | null> {
  const failures: { readonly name: string; readonly reason: string }[] = [];
  await runBatch(hosts, check, {
    ...options,
    // The command itself is known by the key.
    key: key === null ? null : CHECK_KEY + key,
    onResult: ({ host: { name }, result }) => {
      if (result.outcome !== "ok" || result.exitCode !== 0) {
        failures.push({ name, reason: describe(result) });
      }
      return Promise.resolve();
    },
  });
  if (failures.length === 0) return null;
  const groups = [...Map.groupBy(failures, ({ reason }) => reason)];
  const shown = groups.slice(0, MAX_FAILURES)
    .map(([reason, group]) =>
      `${namesWithin(group.map(({ name }) => name), MAX_NAMES)}: ${reason}`
    );
  const more = groups.length - shown.length;
  return `check failed on ${shown.join("; ")}${more === 0 ? "" : `; and ${more} more results`}`;
}

function describe({ outcome, exitCode, stdout, stderr, note }: HostResult): string {
  const last = `${stdout.trimEnd()}\n${stderr.trimEnd()}`.trimEnd().split("\n").at(-1) ?? "";
  const state = outcome === "ok" ? `exit ${exitCode ?? "code not known"}` : STATES[outcome];
  const reason = note ?? last;
  return foreignText(reason === "" ? state : `${state}: ${reason}`, MAX_REASON);
}

const STATES: Readonly<Record<Exclude<HostResult["outcome"], "ok">, string>> = {
  failed: "failed",
  not_delivered: "not run",
  unknown: "unknown, it may have run",
  skipped: "not run",
};
