import { readAuditLines } from "../audit/file.ts";
import { checkAuditFiles } from "../audit/unmatched.ts";
import { formatProblem, hasError } from "../base/problem.ts";
import type { Command } from "../cli/command.ts";
import { EXIT, type Program } from "../hub/program.ts";

/** `--check --audit`, parsed. */
export type AuditCommand = Extract<Command, { readonly mode: "audit" }>;

/**
 * Prints the calls that were sent to a host and that no line of the audit trail says have ended: the
 * hub was killed meanwhile, the line was lost, or they still run. The exit status: 0 there are none,
 * 1 there are some, 2 a file could not be read.
 */
export async function runAuditCheck(
  { files, quiet }: AuditCommand,
  { stdout }: Pick<Program, "stdout">,
): Promise<number> {
  const { begun, open, problems } = await checkAuditFiles(files, readAuditLines);
  for (const problem of problems) stdout(formatProblem(problem));
  if (!quiet) stdout(`${files.join(", ")}: ${begun} calls sent, ${open} did not end`);
  if (hasError(problems)) return EXIT.unusable;
  return problems.length > 0 ? EXIT.unmatched : EXIT.ok;
}
