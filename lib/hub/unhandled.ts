import type { Logger } from "../base/log.ts";

/**
 * Logs errors that nobody has handled, until it is disposed of. They are bugs, of one call or one
 * probe: without this, each would end the program, and with it everybody's calls.
 */
export function logUnhandledErrors(
  log: Pick<Logger, "error">,
  target: EventTarget = globalThis,
): Disposable {
  const report = (event: Event) => {
    event.preventDefault();
    log.error("unhandled error", { error: errorIn(event) });
  };
  target.addEventListener("unhandledrejection", report);
  target.addEventListener("error", report);
  return {
    [Symbol.dispose]: () => {
      target.removeEventListener("unhandledrejection", report);
      target.removeEventListener("error", report);
    },
  };
}

function errorIn(event: Event): unknown {
  if (event instanceof PromiseRejectionEvent) return event.reason;
  return event instanceof ErrorEvent ? event.error : event.type;
}
