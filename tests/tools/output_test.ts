import assert from "node:assert/strict";
import { remoteKill } from "../../lib/tools/jobs/kill.ts";
import { remoteOutput } from "../../lib/tools/output.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { callContext } from "../mcp/call_context.ts";
import { outputOptions } from "../outputs/options.ts";

function setUp() {
  const clock = createFakeClock();
  const { outputs } = outputOptions(clock);
  const unused = () => assert.fail("No host was to be asked");
  const options = { outputs, clock, access: unused, dispatch: unused, now: clock.now };
  const [show, kill] = [remoteOutput(options), remoteKill(options)];
  const call = async (tool: typeof show, args: Record<string, unknown>, principal = "ann") => {
    const result = await tool.call(args, callContext({ principal }));
    const [first] = result.content;
    const text = first?.type === "text" ? first.text : "";
    return { text, isError: result.isError === true, structured: result.structuredContent };
  };
  return {
    clock,
    outputs,
    show: (args: Record<string, unknown>, principal?: string) => call(show, args, principal),
    kill: (args: Record<string, unknown>, principal?: string) => call(kill, args, principal),
  };
}

Deno.test("remote_output shows an answer as it was, also a failed one", async () => {
  const { outputs, show } = setUp();
  for (const isError of [false, true]) {
    const id = outputs.keep("ann", "[rc=0]\nhi\n", { isError });
    const answer = await show({ id });
    assert.deepEqual([answer.text, answer.isError], ["[rc=0]\nhi\n", isError]);
    const fields = {
      id,
      host: null,
      state: "ended",
      exit_code: null,
      text: answer.text,
      offset: 0,
      next_offset: null,
      size: 10,
    };
    assert.deepEqual(answer.structured, fields);
  }
});

Deno.test("remote_output and remote_kill know nothing of what is kept for others", async () => {
  const { outputs, show, kill } = setUp();
  const kept = outputs.keep("ann", "secret", { isError: false });
  const { id } = outputs.begin("ann", { startedAt: 0, end: () => assert.fail("it was ended") });
  for (const other of [kept, id, "o-nothing"]) {
    for (const call of [show, kill]) {
      const { text, isError } = await call({ id: other }, "ben");
      assert.match(text, new RegExp(`^Error: no such output "${other}": .* check the host before`));
      assert.equal(isError, true);
    }
  }
});

Deno.test("remote_output says that an answer is gone", async () => {
  const { clock, outputs, show } = setUp();
  const id = outputs.keep("ann", "x", { isError: false });
  clock.advance(24 * 60 * 60 * 1000);
  const { text, isError } = await show({ id });
  assert.match(
    text,
    /^Error: output "o-\w+" is gone: answers are kept for a day, .*: repeat it only if it just/,
  );
  assert.equal(isError, true);
});

Deno.test("remote_output says for how long a call has been running", async () => {
  const { clock, outputs, show } = setUp();
  const { id } = outputs.begin("ann", { startedAt: clock.now(), end() {} });
  clock.advance(90_000);
  const { text, isError, structured } = await show({ id });
  assert.equal(text, `still running: remote_output id="${id}" wait=45\nIt began 90 s ago.`);
  assert.deepEqual([isError, structured?.state], [false, "running"]);
});

Deno.test("remote_output says how far a call has come", async () => {
  const { outputs, show } = setUp();
  const { id } = outputs.begin("ann", { startedAt: 0, end() {}, state: () => "3 of 4" });
  assert.match((await show({ id })).text, /\nIt began 0 s ago: 3 of 4$/);
});

Deno.test("remote_output waits for the end of a call", async () => {
  const { outputs, show } = setUp();
  const pending = outputs.begin("ann", { startedAt: 0, end() {} });
  const waiting = show({ id: pending.id, wait: 60 });
  pending.finish("done", { isError: false });
  assert.equal((await waiting).text, "done");
});

Deno.test("remote_kill ends a call that runs, and says when it has ended before", async () => {
  const { outputs, kill } = setUp();
  const pending = outputs.begin("ann", {
    startedAt: 0,
    end: () => pending.finish("stopped", { isError: true }),
  });
  const { id } = pending;
  const ended = await kill({ id });
  assert.equal(ended.text, `"${id}" was ended: remote_output shows what is known of it`);
  assert.deepEqual(ended.structured, {
    id,
    host: null,
    state: "ended",
    exit_code: null,
    outcome: "ok",
    error: null,
  });
  assert.equal((await kill({ id })).text, `"${id}" has ended already`);
});

for (
  const [args, complaint] of [
    [{ offset: 1, tail: 1 }, "`offset` and `tail` do not go together: give one of them"],
    [{ grep: "(" }, "bad `grep` parameter: error parsing regexp: missing closing ): `(`"],
    [{ tail: 0 }, "bad `tail` parameter: 0: Too small: expected number to be >=1"],
    [{ tial: 5 }, "unknown `tial` parameter"],
  ] as const
) {
  Deno.test(`remote_output refuses ${JSON.stringify(args)}`, async () => {
    const { outputs, show } = setUp();
    const id = outputs.keep("ann", "x", { isError: false });
    const { text, isError } = await show({ id, ...args });
    assert.ok(text.startsWith(`Error: ${complaint}`), text);
    assert.equal(isError, true);
  });
}
