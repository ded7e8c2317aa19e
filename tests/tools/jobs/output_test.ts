import assert from "node:assert/strict";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import type { Work } from "../../../lib/fleet/transport.ts";
import { readReply } from "../../../lib/fleet/backend/reply.ts";
import type { ShownJob } from "../../../lib/work/jobs/show.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { backendGives, errorsOf } from "../dispatches.ts";
import { createCaller, TARGET } from "../tool_calls.ts";

const ID = "0123456789abcdef0123456789abcdef";
const HOST = { host: TARGET.name };
const HOW = 'remote_output host="target" id="01234567"';

const SHOWN: ShownJob = {
  id: ID,
  state: "exited",
  exit_code: 0,
  killed_by: null,
  duration_s: 60,
  text: "a\n",
  left_out: 0,
  rest: "",
  matches: null,
  full: false,
  offset: 0,
  next_offset: null,
  size: 2,
};

/** An agent that answers one question after the other, and notes what it was asked. */
function answering(...answers: readonly Partial<ShownJob>[]) {
  const asked: Work["args"][] = [];
  const clock = createFakeClock();
  const dispatch: Dispatch = (host, work, call) => {
    clock.advance(1_000 * Number(work.args.wait ?? 0));
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(work.args);
    const structuredContent = { ...SHOWN, ...answer };
    return backendGives({ content: [], structuredContent })(host, work, call);
  };
  return { asked, call: createCaller({ dispatch, clock }) };
}

Deno.test("remote_output shows a job's output, its state, and how to go on", async () => {
  for (
    const [answer, args, text] of [
      [{}, {}, "a\n[exited 0 after 60 s]"],
      [{ text: "", size: 0 }, {}, "[no output, exited 0 after 60 s]"],
      [
        { state: "running", exit_code: null, next_offset: 2 },
        {},
        `a\n[running for 60 s: ${HOW} offset=2 wait=45]`,
      ],
      [
        { left_out: 5_000, rest: "z\n", next_offset: 2, size: 5_004 },
        {},
        `a\n[5.0 kB left out: ${HOW} offset=2]\nz\n[exited 0 after 60 s]`,
      ],
      [
        { left_out: 5_000, rest: "z\n", next_offset: 2, size: 5_004, state: "running" },
        {},
        `a\n[5.0 kB left out: ${HOW} offset=2]\nz\n[running for 60 s: ${HOW} offset=5004 wait=45]`,
      ],
      [
        { offset: 10, next_offset: 12, size: 100 },
        { offset: 10 },
        `a\n[from byte 10 of 100, exited 0 after 60 s: ${HOW} offset=12]`,
      ],
      [
        { matches: 1, text: "10:a", offset: null },
        { grep: "a" },
        "10:a\n[1 matching line, exited 0 after 60 s]",
      ],
      [{ state: "rebooted", exit_code: null }, {}, /^a\n\[rebooted: it ended when its host/],
      [{ state: "lost", exit_code: null }, {}, /^a\n\[lost: it has ended, and how is not known\]$/],
      [{ state: "killed", exit_code: 137, killed_by: "ann\n" }, {}, /\[killed by ann, exited 137/],
      [{ text: "", size: null }, {}, "[its log is no file that can be read, exited 0 after 60 s]"],
    ] as const
  ) {
    const { call } = answering(answer);
    const shown = await call("remote_output", { ...HOST, id: "01234567", ...args });
    if (typeof text === "string") assert.equal(shown.text, text);
    else assert.match(shown.text, text);
    assert.equal(shown.isError, false);
  }
});

Deno.test("remote_output gives programs what a model reads in the text", async () => {
  const { call, asked } = answering({ state: "running", exit_code: null, next_offset: 2 });
  const { structured } = await call("remote_output", { ...HOST, id: ID, tail: 5, max_chars: 100 });
  assert.deepEqual(structured, {
    id: ID,
    host: "target",
    state: "running",
    exit_code: null,
    text: "a\n",
    offset: 0,
    next_offset: 2,
    size: 2,
  });
  assert.deepEqual(asked, [{ id: ID, tail: 5, max_chars: 100, wait: 0 }]);
});

Deno.test("remote_output waits for a job by questions of less than half a minute", async () => {
  const going = { state: "running", exit_code: null, next_offset: 2 };
  const { call, asked } = answering(going, going, {});
  const { text } = await call("remote_output", { ...HOST, id: ID, wait: 60 });
  assert.match(text, /exited 0/);
  assert.deepEqual(asked.map(({ wait }) => wait), [25, 25, 10]);
  const more = answering(going, { ...going, size: 9 }, {});
  await more.call("remote_output", { ...HOST, id: ID, wait: 60, offset: 2 });
  assert.equal(more.asked.length, 2);
});

Deno.test("remote_output gives a host a rest that does not wait as it was asked to", async () => {
  const clock = createFakeClock();
  let asked = 0;
  const running = { ...SHOWN, state: "running", exit_code: null, next_offset: 2 };
  const dispatch: Dispatch = (host, work, call) => {
    asked++;
    return backendGives({ content: [], structuredContent: running })(host, work, call);
  };
  const call = createCaller({ dispatch, clock });
  let isOver = false;
  const shown = call("remote_output", { ...HOST, id: ID, wait: 60 }).then(() => isOver = true);
  for (let seconds = 0; !isOver && seconds < 100; seconds++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(1_000);
  }
  await shown;
  assert.ok(asked > 1 && asked < 15, String(asked));
  assert.equal(clock.pending(), 0);
});

Deno.test("remote_output searches a job's output part by part", async () => {
  const { call, asked } = answering(
    { text: "1:a", matches: 1, next_offset: 1_000, size: 3_000 },
    { text: "", matches: 0, next_offset: 2_000, size: 3_000 },
    { text: "2500:a", matches: 1, next_offset: null, size: 3_000 },
  );
  const args = { ...HOST, id: ID, grep: "a", context: 2, max_chars: 100 };
  const { text, structured } = await call("remote_output", args);
  assert.equal(text, "1:a\n2500:a\n[2 matching lines, exited 0 after 60 s]");
  assert.equal(structured.next_offset, null);
  assert.deepEqual(
    asked.map(({ offset, grep, context, max_chars }) => [offset, grep, context, max_chars]),
    [[undefined, "a", 2, 100], [1_000, "a", 2, 97], [2_000, "a", 2, 97]],
  );
  const full = answering({ text: "1:a", matches: 1, full: true, next_offset: 9, size: 3_000 });
  assert.match(
    (await full.call("remote_output", args)).text,
    /\[1 matching line, exited 0 after 60 s: the same with offset=9 goes on\]$/,
  );
  assert.equal(full.asked.length, 1);
});

Deno.test("remote_output ends a search that makes no progress, or takes too much", async () => {
  const stuck = answering({ matches: 0, text: "", next_offset: 0, size: 3_000 });
  await stuck.call("remote_output", { ...HOST, id: ID, grep: "a" });
  assert.equal(stuck.asked.length, 2);
  const asked: unknown[] = [];
  const endless: Dispatch = (host, work, call) => {
    asked.push(work.args);
    const next_offset = asked.length * 1024 * 1024;
    const structuredContent = { ...SHOWN, text: "", matches: 0, next_offset, size: 2 ** 40 };
    return backendGives({ content: [], structuredContent })(host, work, call);
  };
  const { text } = await createCaller({ dispatch: endless })(
    "remote_output",
    { ...HOST, id: ID, grep: "a" },
  );
  assert.ok(asked.length < 70, String(asked.length));
  assert.match(text, /^\[0 matching lines, .*: the same with offset=\d+ goes on\]$/);
});

Deno.test("remote_output and remote_kill refuse what they cannot mean", async () => {
  const call = createCaller({});
  const host = "give its `host`, too (remote_jobs lists jobs)";
  for (
    const [tool, args, text] of [
      ["remote_output", { id: ID }, `Error: "${ID}" is the id of a job: ${host}`],
      ["remote_kill", { id: ID }, `Error: "${ID}" is the id of a job: ${host}`],
      [
        "remote_output",
        { ...HOST, id: "$(id)" },
        /^Error: no such output "\$\(id\)": copy the id exactly/,
      ],
      ["remote_kill", { ...HOST, id: "../../x" }, /^Error: no such output "\.\.\/\.\.\/x"/],
      ["remote_output", { id: "o-abcdef" }, /^Error: no such output "o-abcdef"/],
      ["remote_kill", { id: "o-abcdef" }, /^Error: no such output "o-abcdef"/],
      ["remote_kill", { id: "o-abcdef", signal: "HUP" }, "Error: `signal` is for jobs alone"],
      ["remote_output", { host: "targe", id: ID }, /^Error: unknown host "targe".*did you mean/],
      [
        "remote_kill",
        { ...HOST, id: ID, signal: "9" },
        /^Error: bad `signal` parameter: .*none of/,
      ],
      ["remote_output", { ...HOST, id: ID, grep: "(" }, /^Error: bad `grep` parameter: /],
      ["remote_output", { ...HOST, id: ID, offset: 1, tail: 1 }, /do not go together/],
    ] as const
  ) {
    const answer = await call(tool, args);
    assert.equal(answer.isError, true);
    if (typeof text === "string") assert.equal(answer.text, text);
    else assert.match(answer.text, text);
  }
});

Deno.test("remote_output and remote_kill say why a host could not be asked", async () => {
  const down: Dispatch = () =>
    Promise.resolve({
      kind: "not_delivered",
      errors: errorsOf({ lmcp: "connect: timeout", ssh: "ssh connect failed: no route" }),
      fallbackReason: null,
    });
  const call = createCaller({ dispatch: down });
  const reasons = "lmcp: connect: timeout | ssh: ssh connect failed: no route";
  assert.equal((await call("remote_output", { ...HOST, id: ID })).text, `Error: ${reasons}`);
  const killed = await call("remote_kill", { ...HOST, id: ID });
  assert.equal(killed.text, `Error: ${reasons}\nIt did not run.`);
  assert.deepEqual(killed.structured, {
    id: ID,
    host: "target",
    state: "unknown",
    exit_code: null,
    outcome: "not_delivered",
    error: reasons,
  });
  const failed = createCaller({
    dispatch: backendGives({
      content: [{ type: "text", text: 'Error: no such job "x"' }],
      isError: true,
    }),
  });
  assert.equal((await failed("remote_output", { ...HOST, id: ID })).text, 'Error: no such job "x"');
  assert.equal((await failed("remote_kill", { ...HOST, id: ID })).text, 'Error: no such job "x"');
});

Deno.test("remote_kill says to an agent who wants it", async () => {
  const asked: Work["args"][] = [];
  const dispatch: Dispatch = (_host, work) => {
    asked.push(work.args);
    const structuredContent = {
      id: ID,
      state: "killed",
      exit_code: 137,
      signalled: true,
      remains: false,
    };
    const content = [{ type: "text", text: "job 01234567: killed by default, exited 137" }];
    return Promise.resolve({
      kind: "ran",
      via: "lmcp",
      reply: readReply({ content, structuredContent }),
      exitCode: 137,
      errors: [],
      fallbackReason: null,
    });
  };
  const call = createCaller({ dispatch });
  const { text, structured } = await call("remote_kill", { ...HOST, id: ID, signal: "KILL" });
  assert.equal(text, "job 01234567: killed by default, exited 137");
  assert.deepEqual(asked, [{ id: ID, signal: "KILL", by: "default" }]);
  assert.deepEqual(structured, {
    id: ID,
    host: "target",
    state: "killed",
    exit_code: 137,
    outcome: "ok",
    error: null,
  });
});
