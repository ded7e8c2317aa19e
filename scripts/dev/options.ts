import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/text/error_text.ts";

/** The options of `deno task dev`. */
export interface DevOptions {
  /** Whether there are a nats-server and two hubs. */
  readonly usesNats: boolean;
}

/** Parses the arguments. Throws an `Error` for a bad one. */
export function parseDevOptions(args: readonly string[]): DevOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: { nats: { type: "boolean" } } });
    return { usesNats: values.nats ?? false };
  } catch (cause) {
    throw new Error(`${messageOf(cause)}\nUsage: deno task dev [--nats]`, { cause });
  }
}
