import { createLogger } from "../../lib/base/log.ts";
import { logUnhandledErrors } from "../../lib/hub/unhandled.ts";

/** A program with two bugs, whose errors nobody handles; it says at its end that it has got there. */
const log = createLogger({
  format: "text",
  level: "info",
  write: (line) => console.error(line.trimEnd()),
  now: () => new Date(0),
});
const handler = Deno.args[0] === "handled" ? logUnhandledErrors(log) : null;
Promise.reject(new TypeError("a rejection"));
setTimeout(() => {
  throw new RangeError("an exception");
});
setTimeout(() => {
  handler?.[Symbol.dispose]();
  log.info("went on");
}, 20);
