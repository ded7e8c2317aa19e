import { httpHead } from "../http_text.ts";
import type { Fault } from "./fault.ts";

/** Reports `half way`, and answers when the caller has seen it. */
export function answerAfterProgress(seen: Promise<string>): Fault {
  const event = (data: string) => `data: ${data}\n\n`;
  return {
    name: "progress",
    runs: true,
    strike: async ({ connection, request, right }) => {
      const params = { progressToken: request.id, progress: 1, message: "half way" };
      const progress = { jsonrpc: "2.0", method: "notifications/progress", params };
      await connection.send(httpHead({ headers: { "content-type": "text/event-stream" } }));
      await connection.send(event(JSON.stringify(progress)));
      await seen;
      await connection.send(event(right.body ?? ""));
      connection.finish();
    },
  };
}
