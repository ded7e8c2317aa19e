import assert from "node:assert/strict";
import { z } from "zod";
import { type CallToolResult, defineTool, type Tool } from "../../lib/mcp/tool.ts";
import type { ResultProfile } from "../../lib/mcp/profile.ts";
import { type AnswerSettings, presentTool } from "../../lib/outputs/present.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { callContext } from "../mcp/call_context.ts";
import { outputOptions } from "./options.ts";
import { textOfKept } from "./kept_text.ts";

const LONG = Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`).join("");
const SETTINGS: AnswerSettings = { maxChars: 1_000, waitMs: 45_000 };

function toolThat(run: () => Promise<CallToolResult>): Tool {
  return defineTool({
    name: "remote_shell",
    title: "Run",
    description: "Run",
    input: z.looseObject({ host: z.string() }),
    output: z.looseObject({}),
    readOnly: false,
    run,
  });
}

function textResult(text: string, isError = false): CallToolResult {
  return {
    content: [{ type: "text", text }],
    structuredContent: { stdout: text, stderr: "", truncated: false, duration_ms: 1 },
    isError,
  };
}

function setUp(
  run: () => Promise<CallToolResult>,
  { profile = "text", settings = SETTINGS }: {
    readonly profile?: ResultProfile;
    readonly settings?: AnswerSettings;
  } = {},
) {
  const clock = createFakeClock();
  const options = outputOptions(clock);
  const names = ["max_chars", "wait"] as const;
  const tool = presentTool(toolThat(run), profile, { ...options, settings, names });
  const rests: Promise<CallToolResult>[] = [];
  const ended: string[] = [];
  const call = async (args: Record<string, unknown> = {}, asksForProgress = false) => {
    const result = await tool.call(
      { host: "a", ...args },
      callContext({
        reportProgress: asksForProgress ? () => {} : null,
        goOn: (rest) => {
          rests.push(rest);
          return () => ended.push("ended");
        },
      }),
    );
    const [first] = result.content;
    return { ...result, text: first?.type === "text" ? first.text : null };
  };
  const kept = (text: string) => {
    const id = /id="(.*?)"/.exec(text)?.[1] ?? "";
    const output = options.outputs.find("ann", id);
    return output?.kind === "ended" ? [textOfKept(output), output.isError] : output?.kind ?? null;
  };
  return { clock, tool, call, kept, rests, ended, outputs: options.outputs };
}

Deno.test("for models a tool has no output schema, and its answer is one text", async () => {
  const result: CallToolResult = {
    ...textResult("a"),
    content: [
      { type: "text", text: "a" },
      { type: "image", data: "", mimeType: "image/png" },
      { type: "text", text: "b" },
    ],
  };
  const { tool, call } = setUp(() => Promise.resolve(result));
  assert.equal(tool.outputSchema, undefined);
  const { content, structuredContent } = await call();
  assert.equal(structuredContent, undefined);
  assert.deepEqual(content, [{ type: "text", text: "a\nb" }, result.content[1]]);
});

/** Blocks as a backend may send them: each but the first is odd in its own way. */
const BLOCKS: CallToolResult["content"] = [
  { type: "text", text: "a\ud800" },
  { type: "resource", resource: { uri: "file:///x\n[y]", text: LONG } },
  { type: "image", data: "aGk=", mimeType: "image/png" },
  { type: "resource", resource: { uri: "file:///y", blob: "aGk=" } },
  JSON.parse('{"type":"resource"}'),
];

Deno.test("for models the text of a resource is part of the one text, and cut with it", async () => {
  const { call, kept } = setUp(() => Promise.resolve({ ...textResult(""), content: BLOCKS }));
  const { content, text } = await call();
  assert.deepEqual(content.slice(1), BLOCKS.slice(2));
  assert.match(text ?? "", /^a\ufffd\n\[resource file:\/\/\/x \[y\]\]\nline 0\n/);
  assert.ok((text ?? "").length < 1_100);
  assert.deepEqual(kept(text ?? ""), [`a\ufffd\n[resource file:///x [y]]\n${LONG}`, false]);
});

Deno.test("of a late answer all texts are kept, and what is no text is named", async () => {
  const answer = Promise.withResolvers<CallToolResult>();
  const { clock, call, kept, rests } = setUp(() => answer.promise);
  const calling = call({ wait: 1 });
  clock.advance(1_000);
  const { text } = await calling;
  answer.resolve({ ...textResult(""), content: BLOCKS });
  await rests[0];
  const names = "[image: not kept]\n[resource: not kept]\n[resource: not kept]";
  assert.deepEqual(kept(text ?? ""), [
    `a\ufffd\n[resource file:///x [y]]\n${LONG}\n${names}`,
    false,
  ]);
});

Deno.test("for programs a tool has its output schema, and its whole answer", async () => {
  const { tool, call, kept } = setUp(() => Promise.resolve(textResult(LONG)), {
    profile: "structured",
  });
  assert.notEqual(tool.outputSchema, undefined);
  const whole = await call();
  assert.deepEqual([whole.text, whole.structuredContent?.stdout], [LONG, LONG]);

  const cut = await call({ max_chars: 500 });
  assert.deepEqual(kept(cut.text ?? ""), [LONG, false]);
  const { stdout, truncated } = cut.structuredContent ?? {};
  assert.ok(typeof stdout === "string" && stdout.length < 600 && stdout.includes("left out"));
  assert.equal(truncated, true);
});

Deno.test("for programs a field is cut with a line of its own, also within a line", async () => {
  const { call } = setUp(() => Promise.resolve(textResult("x".repeat(1_000))), {
    profile: "structured",
  });
  const { structuredContent } = await call({ max_chars: 100 });
  assert.equal(
    structuredContent?.stdout,
    `${"x".repeat(25)}\n[900 bytes left out]\n${"x".repeat(75)}`,
  );
});

Deno.test("for models a long answer is cut, and kept as a whole", async () => {
  const { call, kept } = setUp(() => Promise.resolve(textResult(LONG, true)));
  const { text, isError } = await call();
  assert.ok(text !== null && text.length < 1_100);
  assert.match(
    text,
    /^line 0\n.*\n\[\d+ lines \(.* kB\) left out: remote_output id="o-\w{6}" offset=\d+\]\nline /s,
  );
  assert.match(text, /\nline 999\n$/);
  assert.deepEqual(kept(text), [LONG, true]);
  assert.equal(isError, true);
});

for (
  const [what, args, settings, chars] of [
    ["an argument", { max_chars: 100 }, SETTINGS, 100],
    ["an argument given as a text", { max_chars: "100" }, SETTINGS, 100],
    ["a setting, since the argument is null", { max_chars: null }, SETTINGS, 1_000],
    ["nothing, since the argument is 0", { max_chars: 0 }, SETTINGS, LONG.length],
    ["nothing, since the setting is 0", {}, { ...SETTINGS, maxChars: 0 }, LONG.length],
  ] as const
) {
  Deno.test(`how long an answer may be is set by ${what}`, async () => {
    const { call } = setUp(() => Promise.resolve(textResult(LONG)), { settings });
    const length = (await call(args)).text?.length ?? 0;
    assert.ok(length > chars * 0.9 && length <= chars + 100, String(length));
  });
}

for (const args of [{ max_chars: -1 }, { max_chars: "many" }, { wait: 1e9 }, { wait: 0.5 }]) {
  Deno.test(`a bad argument of the answer is refused, and nothing runs: ${JSON.stringify(args)}`, async () => {
    const { call } = setUp(() => assert.fail("it ran"));
    const { text, isError } = await call(args);
    assert.equal(isError, true);
    assert.match(text ?? "", new RegExp(`^Error: bad \`${Object.keys(args)[0]}\` parameter`));
  });
}

Deno.test("a late call is answered that it goes on, and its answer is kept when it ends", async () => {
  const answer = Promise.withResolvers<CallToolResult>();
  const { clock, call, kept, rests } = setUp(() => answer.promise);
  const calling = call();
  clock.advance(44_999);
  clock.advance(1);
  const { text, isError } = await calling;
  assert.match(
    text ?? "",
    /^still running: remote_output id="o-\w{6}" wait=45\nIt goes on. Do not run it again/,
  );
  assert.notEqual(isError, true);
  assert.equal(kept(text ?? ""), "running");
  assert.equal(rests.length, 1);
  answer.resolve(textResult(LONG));
  await rests[0];
  assert.deepEqual(kept(text ?? ""), [LONG, false]);
});

Deno.test("a late call can be ended by its id", async () => {
  const answer = Promise.withResolvers<CallToolResult>();
  const { clock, call, ended, outputs } = setUp(() => answer.promise);
  const calling = call({ wait: 1 });
  clock.advance(1_000);
  const id = /id="(.*?)" wait=1/.exec((await calling).text ?? "")?.[1] ?? "";
  const running = outputs.find("ann", id);
  assert.ok(running?.kind === "running");
  running.end();
  assert.deepEqual(ended, ["ended"]);
  answer.reject(new Error("stopped"));
  assert.equal(await running.waitForEnd(1_000, new AbortController().signal), true);
  const gone = outputs.find("ann", id);
  assert.ok(gone?.kind === "ended" && gone.isError);
});

for (
  const [what, args, asksForProgress, settings] of [
    ["asks for progress", {}, true, SETTINGS],
    ["says 0", { wait: 0 }, false, SETTINGS],
    ["is of a hub that says 0", {}, false, { ...SETTINGS, waitMs: 0 }],
  ] as const
) {
  Deno.test(`a call that ${what} waits for its answer`, async () => {
    const answer = Promise.withResolvers<CallToolResult>();
    const { clock, call, rests } = setUp(() => answer.promise, { settings });
    const calling = call(args, asksForProgress);
    clock.advance(1_000_000);
    answer.resolve(textResult("done"));
    assert.equal((await calling).text, "done");
    assert.deepEqual(rests, []);
  });
}

Deno.test("a call that asks for progress and says how long it waits is answered then", async () => {
  const { clock, call } = setUp(() => Promise.withResolvers<CallToolResult>().promise);
  const calling = call({ wait: 2 }, true);
  clock.advance(2_000);
  assert.match((await calling).text ?? "", /^still running/);
});

Deno.test("a program cannot say how long it waits: it gets the end", () => {
  const { tool } = setUp(() => assert.fail(), { profile: "structured" });
  const properties = tool.inputSchema.properties;
  assert.deepEqual(Object.keys(Object(properties)), ["host", "max_chars"]);
});
