import { z } from "zod";

/** What an operator asks a running hub for. */
export const askedSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("list") }),
  z.object({ do: z.enum(["approve", "deny"]), id: z.string().max(64), by: z.string().max(100) }),
]);

/** The same, validated. */
export type OperatorRequest = z.output<typeof askedSchema>;

const waitingSchema = z.object({
  id: z.string(),
  shown: z.string(),
  asked_at: z.number(),
  expires_at: z.number(),
});

/** The hub's answer. */
export const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("waiting"), approvals: z.array(waitingSchema) }),
  z.object({ kind: z.enum(["allowed", "denied"]), shown: z.string() }),
  /** It was decided, or used, before. */
  z.object({ kind: z.literal("before"), state: z.string(), by: z.string().nullable() }),
  z.object({ kind: z.literal("unknown") }),
]);

/** The same, validated. */
export type HubAnswer = z.output<typeof answerSchema>;

/** An approval that waits, as the hub lists it. */
export type ListedApproval = z.output<typeof waitingSchema>;
