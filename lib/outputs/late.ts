import type { Clock } from "../base/time/clock.ts";
import type { CallContext, CallToolResult } from "../mcp/tool.ts";
import { stillRunning } from "./marker.ts";
import type { Outputs } from "./store.ts";
import { textToKeep } from "./text.ts";

/** Options of waiting for an answer. */
export interface LateOptions {
  readonly outputs: Outputs;
  readonly clock: Clock;
  /** How long to wait; 0: for ever. */
  readonly waitMs: number;
  /** How far the call has come; null: that is not known. */
  readonly state: () => string | null;
}

/**
 * The result of a tool, or, where it takes too long, that the call goes on and how to get its answer.
 * The caller does not wait for it any more then.
 */
export async function answerInTime(
  running: Promise<CallToolResult>,
  context: CallContext,
  { outputs, clock, waitMs, state }: LateOptions,
): Promise<CallToolResult> {
  if (waitMs === 0) return await running;
  const result = await resultWithin(running, waitMs, clock);
  if (result !== null) return result;
  const startedAt = clock.now() - waitMs;
  const pending = outputs.begin(context.principal, { startedAt, end: () => end(), state });
  const end = context.goOn(running);
  running.then(
    (late) => pending.finish(textToKeep(late), { isError: late.isError === true }),
    () => pending.finish(FAILED, { isError: true }),
  );
  const text = `${stillRunning(pending.id, Math.ceil(waitMs / 1_000))}\n${ADVICE}`;
  // Whoever asks for it next may reach another hub.
  await pending.isShared;
  return { content: [{ type: "text", text }] };
}

const ADVICE = "It goes on. Do not run it again: remote_output waits for its answer.";

const FAILED =
  "Error: the call failed before it had an answer: whether it had an effect is unknown";

/** Null: it is not there yet. */
function resultWithin(
  running: Promise<CallToolResult>,
  ms: number,
  clock: Clock,
): Promise<CallToolResult | null> {
  const { promise, resolve, reject } = Promise.withResolvers<CallToolResult | null>();
  const cancel = clock.after(ms, () => resolve(null));
  running.then(
    (result) => {
      cancel();
      resolve(result);
    },
    (error) => {
      cancel();
      reject(error);
    },
  );
  return promise;
}
