import { type Problem, settingError } from "../base/problem.ts";
import { type ConfigSources, findTampering } from "./sources.ts";

/**
 * Files that decide what runs here, or what is known of it afterwards, and that others may change.
 * The second of each pair is what names the file; null: it is where it always is.
 */
export async function checkTrust(
  files: readonly (readonly [path: string | undefined, namedBy: string | null])[],
  sources: ConfigSources,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [path, namedBy] of files) {
    const fault = path === undefined ? null : await findTampering(path, sources);
    if (path === undefined || fault === null) continue;
    problems.push(
      namedBy === null ? settingError(path, fault) : settingError(namedBy, `"${path}" ${fault}`),
    );
  }
  return problems;
}
