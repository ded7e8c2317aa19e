import assert from "node:assert/strict";
import type { DocumentedFleet } from "../docs/fleet.ts";
import { callTool } from "../e2e/client.ts";
import { at } from "../mcp/wire.ts";

/** Several lines, on both streams, and a failure: what is easily lost on the way to a model. */
export const CALL = {
  tool: "remote_shell",
  args: { host: "local", command: "printf 'one\\ntwo\\n'; sleep 0.3; echo three >&2; exit 3" },
} as const;

/** Which part of an answer a client shows its model, where an answer has both. */
export type Shown = "structured" | "text";

/** Fails unless a model saw the whole of the hub's answer to `CALL`. */
export async function assertSeen(
  seen: string | undefined,
  shown: Shown,
  { origin, token }: DocumentedFleet,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await callTool(`${origin}/mcp`, { ...CALL, headers });
  assert.match(answer.text, /one\ntwo\n/);
  if (shown === "text" || answer.structured === undefined) {
    assert.ok(seen?.includes(answer.text), seen);
  } else {
    const json: unknown = JSON.parse(seen?.slice(seen.indexOf("{")) ?? "null");
    assert.deepEqual(withoutTime(json), withoutTime(answer.structured));
  }
}

function withoutTime(structured: unknown): Record<string, unknown> {
  return { ...Object(structured), duration_ms: typeof at(structured, "duration_ms") };
}
