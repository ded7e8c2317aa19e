import { checkAuditFiles } from "../audit/check_files.ts";
import { readRawLines } from "../audit/lines.ts";
import type { Chain } from "../audit/verify.ts";
import { formatProblem, hasError } from "../base/problem.ts";
import type { Command } from "../cli/command.ts";
import { EXIT, type Program } from "../hub/program.ts";

/** `--check --audit`, parsed. */
export type AuditCommand = Extract<Command, { readonly mode: "audit" }>;

/**
 * Prints the calls that were sent to a host and that no line of the audit trail says have ended: the
 * hub was killed meanwhile, the line was lost, or they still run. Prints which lines were changed,
 * removed, added or moved, where each has the hash of the one before. The exit status: 0 there are
 * none, 1 there are such calls, 2 a file could not be read, or is not as it was written.
 */
export async function runAuditCheck(
  { files, hashes, quiet }: AuditCommand,
  { stdout, env }: Pick<Program, "stdout" | "env">,
): Promise<number> {
  const { begun, open, chain, problems } = await checkAuditFiles(files, {
    readLines: readRawLines,
    hashes,
    needsChain: env("LMCP_HUB_AUDIT_CHAIN") === "1",
  });
  for (const problem of problems) stdout(formatProblem(problem));
  if (!quiet) {
    const paths = files.join(", ");
    stdout(`${paths}: ${begun} calls sent, ${open} did not end`);
    if (chain.first !== null) stdout(`${paths}: ${describeChain(chain)}`);
  }
  if (hasError(problems)) return EXIT.unusable;
  return problems.length > 0 ? EXIT.unmatched : EXIT.ok;
}

function describeChain({ first, head: { seq, hash } }: Chain): string {
  return `lines number ${first} to ${seq} are chained, the newest has the hash ${hash}`;
}
