import { cannot } from "../failure.ts";
import { failedReply } from "../run_failure.ts";
import type { Procedure } from "../script.ts";

/** Does nothing on the host, and says why. */
export function refuseProcedure(action: string, path: string, reason: string): Procedure {
  return {
    source: "exit 1\n",
    input: null,
    limits: { headBytes: 1_024, tailBytes: 0 },
    wholeOutput: false,
    read: () => failedReply(cannot(action, path, reason)),
  };
}
