import type { RequestInfo } from "./handler.ts";

/**
 * Settles when nothing more is to be done about a request. It rejects when the client has left, which is
 * nobody's fault: Deno 2.6 would report that as an error that nobody has handled.
 */
export function completionOf({ completed }: Pick<RequestInfo, "completed">): Promise<unknown> {
  completed.catch(() => {});
  return completed;
}
