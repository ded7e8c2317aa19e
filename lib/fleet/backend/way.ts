import type { Limiter } from "../limiter.ts";
import type { Via } from "../transport.ts";
import type { Conversation } from "./conversation.ts";

/** A way to a host's backend. */
export interface BackendWay {
  readonly via: Exclude<Via, "ssh">;
  readonly backend: Conversation;
  /** Calls to the backend that run, and that wait. */
  readonly limiter: Limiter;
  /** Called when the backend's port timed out, or was reached. */
  readonly recordPort: (timedOut: boolean) => void;
  /** Why it had better not be tried now, where there is another way; null: nothing speaks against it. */
  readonly findObstacle: () => string | null;
}
