import assert from "node:assert/strict";
import type { DocumentedFleet } from "../docs/fleet.ts";
import { callForModel } from "../e2e/client.ts";

/** Several lines, on both streams, and a failure: what is easily lost on the way to a model. */
export const CALL = {
  tool: "remote_shell",
  args: { host: "local", command: "printf 'one\\ntwo\\n'; sleep 0.3; echo three >&2; exit 3" },
} as const;

/** Fails unless a model saw the whole of the hub's answer to `CALL`, with its line breaks. */
export async function assertSeen(
  seen: string | undefined,
  { origin, token }: DocumentedFleet,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const { text } = await callForModel(`${origin}/mcp`, CALL.tool, CALL.args, { headers });
  assert.match(text, /one\ntwo\n/);
  assert.ok(seen?.includes(text), seen);
}
