import assert from "node:assert/strict";
import { z } from "zod";
import { defineTool, type Tool } from "../../lib/mcp/tool.ts";
import type { ResultProfile } from "../../lib/mcp/profile.ts";
import { presentTool } from "../../lib/outputs/present.ts";
import type { OwnOutputs } from "../../lib/outputs/store.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { callContext } from "../mcp/call_context.ts";
import { outputOptions } from "./options.ts";
import { textOfKept } from "./kept_text.ts";

const WHOLE = "w".repeat(5_000);

/** A tool that cuts its answer by itself, and says how far it is. */
function ownCut(ready: Promise<void> = Promise.resolve()): Tool {
  return defineTool({
    name: "many",
    title: "Many",
    description: "Many",
    input: z.strictObject({}),
    output: z.looseObject({}),
    readOnly: true,
    run: async (_args, { noteState, offerShorter }) => {
      noteState?.("3 of 4");
      await ready;
      offerShorter?.({
        text: (maxChars) => "s".repeat(maxChars),
        structure: (maxChars) => ({ most: maxChars }),
      });
      return { content: [{ type: "text", text: WHOLE }], structuredContent: { most: null } };
    },
  });
}

function setUp(profile: ResultProfile, tool: Tool) {
  const clock = createFakeClock();
  const options = outputOptions(clock);
  const presented = presentTool(tool, profile, {
    ...options,
    settings: { maxChars: 1_000, waitMs: 45_000 },
    names: ["max_chars", "wait"],
  });
  const call = async (args: Record<string, unknown> = {}) => {
    const result = await presented.call(args, callContext({ reportProgress: null }));
    const [first] = result.content;
    assert.equal(first?.type, "text");
    return { ...result, text: first.text };
  };
  return { clock, outputs: options.outputs, call };
}

function keptText(outputs: OwnOutputs, id: string): string {
  const answer = outputs.find("ann", id);
  assert.equal(answer?.kind, "ended");
  return textOfKept(answer);
}

Deno.test("presentTool() has a tool cut its own answer, keeps the whole, and says where that is", async () => {
  const { call, outputs } = setUp("text", ownCut());
  const { text } = await call();
  assert.equal(text.length, 1_000);
  const [, id = ""] = /^s+\n\[outputs are cut, the whole: remote_output id="(.*)"\]$/.exec(text) ??
    [];
  assert.equal(keptText(outputs, id), WHOLE);
});

Deno.test("presentTool() does not have a tool cut what is short enough, or may not be cut", async () => {
  for (const max_chars of [0, 5_000]) {
    assert.equal((await setUp("text", ownCut()).call({ max_chars })).text, WHOLE);
  }
});

Deno.test("presentTool() has a tool cut its structured answer where that is asked for", async () => {
  const { call } = setUp("structured", ownCut());
  const whole = await call();
  assert.deepEqual([whole.text, whole.structuredContent], [WHOLE, { most: null }]);
  const cut = await call({ max_chars: 100 });
  assert.deepEqual([cut.text.length, cut.structuredContent], [100, { most: 100 }]);
});

Deno.test("presentTool() keeps the whole of a late answer, and how far its call is until then", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { call, clock, outputs } = setUp("text", ownCut(promise));
  const calling = call();
  clock.advance(45_000);
  const [, id = ""] = /id="(.*?)"/.exec((await calling).text) ?? [];
  const running = outputs.find("ann", id);
  assert.equal(running?.kind, "running");
  assert.equal(running.state?.(), "3 of 4");
  resolve();
  assert.equal(await running.waitForEnd(1_000, new AbortController().signal), true);
  assert.equal(keptText(outputs, id), WHOLE);
});
