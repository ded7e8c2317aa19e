import { z } from "zod";
import type { CancellableCalls } from "../../mcp/in_flight.ts";
import type { Peers } from "../../shared/peers.ts";

const COUNT = "cancellable";
const CANCEL = "cancel";
/** How long other hubs are waited for; what is known by then decides. */
const ANSWER_MS = 1_000;

const keyed = z.object({ key: z.string() });
const counted = z.object({ count: z.int().min(0) });

/** Options of cancelling the calls of all hubs. */
export interface SharedCancels {
  readonly peers: Peers;
  readonly calls: CancellableCalls;
}

/**
 * Cancels the call of a key, whichever hub runs it. As within one hub, none ends where several run under
 * the key: it is not known which is meant.
 */
export async function cancelAnywhere(key: string, { peers, calls }: SharedCancels): Promise<void> {
  const own = calls.countOf(key);
  const question = { body: { key }, timeoutMs: ANSWER_MS };
  const answers = own > 1 ? [] : await peers.askAll({ ...question, topic: COUNT });
  const others = answers.reduce<number>(
    (sum, answer) => sum + (counted.safeParse(answer).data?.count ?? 0),
    0,
  );
  if (own + others !== 1) return;
  if (own === 1) calls.cancel(key);
  else await peers.askAll({ ...question, topic: CANCEL });
}

/** Lets other hubs cancel the calls of this one. Returns the function that ends it. */
export function serveCancels({ peers, calls }: SharedCancels): () => void {
  const endings = [
    peers.serve(COUNT, (body) => {
      const { data } = keyed.safeParse(body);
      return data === undefined ? null : { count: calls.countOf(data.key) };
    }),
    peers.serve(CANCEL, (body) => {
      const { data } = keyed.safeParse(body);
      if (data !== undefined) calls.cancel(data.key);
      return {};
    }),
  ];
  return () => endings.forEach((end) => end());
}
