import { Folding } from "../../../lib/targets/folding/fold.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { renderGroups, type RenderOptions } from "../../../lib/targets/folding/render.ts";

/** A result: exit 0, no output, but for what is given. */
export function result(host: string, facts: Partial<HostResult> = {}): HostResult {
  return {
    host,
    aliases: [],
    outcome: "ok",
    exitCode: 0,
    stdout: "",
    stderr: "",
    bytesDigest: null,
    note: null,
    ...facts,
  };
}

/** A command that did not run, or of which that is not known. */
export function noResult(
  host: string,
  outcome: "not_delivered" | "unknown" | "skipped",
  note: string,
): HostResult {
  return result(host, { outcome, note, exitCode: null });
}

/** Results as text, without a limit unless there is one. */
export function render(
  results: Iterable<HostResult>,
  options: Partial<RenderOptions> = {},
): string {
  const folding = new Folding();
  for (const one of results) folding.add(one);
  return renderGroups(folding.groups(), { maxChars: 0, elapsedMs: 1_000, ...options });
}

/** Names such as `web001`. */
export function numbered(name: string, count: number): string[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, at) => name + String(at + 1).padStart(width, "0"));
}
