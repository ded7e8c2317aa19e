/** Why compiling failed; the message is for the user. */
export class CompileError extends Error {
  override readonly name = "CompileError";
}
