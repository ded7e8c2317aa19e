import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/text/error_text.ts";
import { CompileError } from "../compile/compile_error.ts";

/**
 * The repository on GitHub that `--repository OWNER/NAME` names: where the project lives is said
 * nowhere else. null: none is named. Throws a `CompileError`.
 */
export function parseRepository(args: readonly string[]): string | null {
  const repository = givenRepository(args);
  if (repository === undefined) return null;
  if (!/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(repository)) {
    throw new CompileError(`"--repository" must be OWNER/NAME, not "${repository}"`);
  }
  return repository;
}

function givenRepository(args: readonly string[]): string | undefined {
  const options = { repository: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values.repository;
  } catch (error) {
    const usage = "deno task mcpb [--repository OWNER/NAME]";
    throw new CompileError(`${messageOf(error)}\nUsage: ${usage}`);
  }
}
