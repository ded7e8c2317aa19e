import { type Problem, settingError } from "../base/problem.ts";
import { readFailure } from "../config/sources.ts";
import type { RawLine } from "./lines.ts";
import { CallMatcher, type MatchedCalls } from "./unmatched.ts";
import { type Chain, ChainVerifier, type Place } from "./verify.ts";

/** Problems of a chain that are listed. */
const MAX_LISTED = 1_000;

/** What files of the audit trail say. */
export interface AuditFindings extends MatchedCalls {
  readonly chain: Chain;
}

/** Options of `checkAuditFiles()`. */
export interface CheckFilesOptions {
  /** Yields the lines of a file; rejects as `Deno.open()` and reading do. */
  readonly readLines: (path: string) => AsyncIterable<RawLine>;
  /** Hashes that somebody has kept of lines; default: none. */
  readonly hashes?: readonly string[];
  /** Whether lines must have the hashes of those before; default: no. */
  readonly needsChain?: boolean;
}

/** Checks files of the audit trail, oldest first: calls may end, and a chain goes on, in a later one. */
export async function checkAuditFiles(
  paths: readonly string[],
  { readLines, hashes = [], needsChain = false }: CheckFilesOptions,
): Promise<AuditFindings> {
  const calls = new CallMatcher();
  const listed = new ListedProblems(paths);
  const verifier = new ChainVerifier({ onProblem: listed.add });
  const sought = new Set(hashes);
  const decoder = new TextDecoder();
  const problems: Problem[] = [];

  async function checkFile(source: string): Promise<void> {
    let number = 0;
    for await (const line of readLines(source)) {
      const place = { source, line: ++number };
      const hash = verifier.add(line, place);
      if (hash !== null) sought.delete(hash);
      calls.add(line.bytes === null ? TOO_LONG : decoder.decode(line.bytes), place);
    }
  }

  for (const path of paths) {
    try {
      await checkFile(path);
    } catch (error) {
      problems.push(settingError(path, `cannot be read: ${readFailure(error)}`));
    }
  }
  const chain = verifier.end();
  const { begun, open, problems: unmatched } = calls.end();
  problems.push(...listed.end());
  for (const hash of sought) problems.push(settingError("--audit-hash", NO_HASH + hash));
  if (needsChain && chain.first === null) problems.push(settingError(paths.join(", "), NO_CHAIN));
  return { begun, open, chain, problems: [...problems, ...unmatched] };
}

/** What no line begins with is no line of the trail, and says what it would have been about. */
const TOO_LONG = '"request_id":';
const NO_HASH = "lines are missing or were changed, since none has the hash ";
const NO_CHAIN = "no line has the hash of the one before, although LMCP_HUB_AUDIT_CHAIN is 1";

/** What is wrong with lines, in their order. */
class ListedProblems {
  readonly #paths: readonly string[];
  readonly #problems: (Place & { readonly message: string })[] = [];
  #more = 0;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  readonly add = (place: Place, message: string): void => {
    if (this.#problems.length < MAX_LISTED) this.#problems.push({ ...place, message });
    else this.#more++;
  };

  end(): Problem[] {
    const fileOf = ({ source }: Place) => this.#paths.indexOf(source);
    const sorted = this.#problems.toSorted((a, b) => fileOf(a) - fileOf(b) || a.line - b.line);
    const problems = sorted.map((problem): Problem => ({
      severity: "error",
      field: null,
      ...problem,
    }));
    if (this.#more === 0) return problems;
    const message = `there are ${this.#more} more lines with such problems`;
    return [...problems, settingError(this.#paths.join(", "), message)];
  }
}
