import config from "../../../deno.json" with { type: "json" };
import { messageOf } from "../text/error_text.ts";

/** Why the compiled hub cannot write somewhere, whoever runs it: its permissions leave that out. */
export const FORBIDDEN_BY_BINARY = `the program itself may not write there, only below ${
  config.permissions.hub.write.join(", ")
}`;

/** Why a file of the hub could not be written, in a few words that do not repeat its path. */
export function writeFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return FORBIDDEN_BY_BINARY;
  if (error instanceof Deno.errors.NotFound) return "there is no such directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return messageOf(error);
}
