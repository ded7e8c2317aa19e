import { z } from "zod";
import { type CallContext, defineTool, type Tool } from "../../lib/mcp/tool.ts";

/** Gives its arguments back as text. */
export const echo: Tool = defineTool({
  name: "echo",
  title: "Echo",
  description: "Give the arguments back",
  input: z.looseObject({ text: z.string().optional().describe("Any text") }),
  readOnly: true,
  run: (args) => Promise.resolve({ content: [{ type: "text", text: JSON.stringify(args) }] }),
});

/** Fails as a tool does. */
export const fail: Tool = defineTool({
  name: "fail",
  title: "Fail",
  description: "Fail",
  input: z.looseObject({}),
  readOnly: false,
  run: () => Promise.resolve({ content: [{ type: "text", text: "Error: no" }], isError: true }),
});

/** Fails as a bug does. */
export const bug: Tool = defineTool({
  name: "bug",
  title: "Bug",
  description: "Throw",
  input: z.looseObject({}),
  readOnly: false,
  run: () => Promise.reject(new Error("the secret detail")),
});

/** Needs a client that can sample. */
export const sample: Tool = { ...echo, name: "sample", requires: { sampling: {} } };

/** A tool whose calls end when its test lets them. */
export interface Gate {
  readonly tool: Tool;
  /** The contexts of the calls that began, in order. */
  readonly begun: readonly CallContext[];
  /** Resolves when that many calls have begun. */
  readonly whenBegun: (count: number) => Promise<void>;
  /** Lets all calls, also later ones, end with the text `open`. */
  readonly open: () => void;
}

/** A tool that waits for its gate, and ends at once with an exception when its signal aborts. */
export function createGate(): Gate {
  const begun: CallContext[] = [];
  const opened = Promise.withResolvers<void>();
  const watchers = new Set<() => void>();

  async function run(_args: unknown, context: CallContext) {
    begun.push(context);
    for (const watcher of watchers) watcher();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(context.signal.reason);
    if (context.signal.aborted) onAbort();
    context.signal.addEventListener("abort", onAbort, { once: true });
    await Promise.race([opened.promise, aborted.promise]);
    return { content: [{ type: "text" as const, text: "open" }] };
  }

  function whenBegun(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (begun.length < count) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
  }

  const input = z.looseObject({});
  const texts = { title: "Gate", description: "Wait for the gate" };
  const tool = defineTool({ name: "gate", ...texts, input, readOnly: false, run });
  return { tool, begun, whenBegun, open: opened.resolve };
}
