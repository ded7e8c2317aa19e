import type { Answered } from "../result.ts";
import { toResult } from "../result.ts";

/** Why a question about jobs was not answered, for its caller; null: it was. */
export function describeFailure(answered: Answered): string | null {
  if (answered.kind === "ran") return answered.reply.failure;
  if (answered.kind === "refused") return answered.reason;
  const { structuredContent } = toResult(answered, {
    host: "",
    durationMs: 0,
    readOnly: true,
    ownFields: () => ({}),
  });
  return String(structuredContent?.error ?? "no answer");
}
