import { Folding } from "../../../lib/targets/folding/fold.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { renderGroups } from "../../../lib/targets/folding/render.ts";

/** A command that wrote a line, unless it is said otherwise. */
export function result(host: string, rest: Partial<HostResult> = {}): HostResult {
  return {
    host,
    aliases: [],
    outcome: "ok",
    exitCode: 0,
    stdout: "nginx/1.24.0\n",
    stderr: "",
    bytesDigest: null,
    note: null,
    ...rest,
  };
}

/** Folds results. */
export function fold(results: readonly HostResult[]): Folding {
  const folding = new Folding();
  for (const one of results) folding.add(one);
  return folding;
}

/** Results as text; 0: without a limit. */
export function render(results: readonly HostResult[], maxChars = 0): string {
  return renderGroups(fold(results).groups(), { elapsedMs: 2_300, maxChars });
}

/** Names such as `web01`. */
export function hosts(prefix: string, first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, at) => prefix + String(first + at).padStart(2, "0"),
  );
}
