/** Why nothing was compiled, in words for whoever asked for it. */
export class CompileError extends Error {
  override readonly name = "CompileError";
}
