import assert from "node:assert/strict";
import { createBudget } from "../../../lib/calls/budget.ts";
import { HUB } from "../../../lib/fleet/claimant.ts";
import { prepare } from "../../../lib/fleet/ssh/prepare.ts";
import type { Call } from "../../../lib/fleet/transport.ts";
import type { Reply } from "../../../lib/work/reply.ts";
import type { Procedure } from "../../../lib/work/script.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { sshHost } from "./target.ts";

const MIB = 1024 * 1024;
const REPLY: Reply = { text: "done", failure: null, structured: null };
const CALL: Call = {
  claimant: HUB,
  signal: new AbortController().signal,
  traceparent: null,
  onProgress: null,
};

function script(source: string, bytes = 0): Procedure {
  return {
    source,
    input: bytes === 0 ? null : new Uint8Array(bytes),
    limits: { headBytes: 1024, tailBytes: 0 },
    wholeOutput: true,
    read: () => REPLY,
  };
}

/** Prepares what takes four seconds to read, of the ten that there are. */
function prepareSlowly(procedure: Procedure, call: Call = CALL, room = Infinity) {
  const ssh = createFakeSsh();
  let seconds = 0;
  const prepared = prepare(procedure, {
    host: sshHost(),
    ssh: {
      ...ssh,
      run: async (host, script, options) => {
        const result = await ssh.run(host, script, options);
        options.room?.take(9);
        seconds += 4;
        return result;
      },
    },
    call,
    room: createBudget(() => room).lease(HUB),
    runMs: 10_000,
    now: () => seconds * 1_000,
  });
  return { prepared, uses: ssh.uses };
}

Deno.test("prepare() has nothing to do for a script that needs nothing to be read", async () => {
  const { prepared, uses } = prepareSlowly(script("true"));
  const { kind, ...rest } = await prepared;
  assert.equal(kind, "ready");
  assert.ok("runMs" in rest);
  assert.equal(rest.runMs, 10_000);
  assert.equal(uses.length, 0);
});

Deno.test("prepare() leaves the script the time that reading has not taken, and that of its input", async () => {
  const made = script("write", 2 * MIB);
  const { prepared, uses } = prepareSlowly({
    ...script("read"),
    next: ({ output }) => {
      assert.equal(output.text().stdout, "from ssh\n");
      return Promise.resolve(made);
    },
  });
  assert.deepEqual(await prepared, { kind: "ready", procedure: made, runMs: 8_000 });
  assert.deepEqual(
    uses.map(({ script: { source }, options: { frameClaim } }) => [source, frameClaim]),
    [
      ["read", undefined],
    ],
  );
});

Deno.test("prepare() answers at once where there is nothing to do, but claims that of a key", async () => {
  const procedure = { ...script("read"), next: () => Promise.resolve(REPLY) };
  assert.deepEqual(await prepareSlowly(procedure).prepared, {
    kind: "ran",
    reply: REPLY,
    exitCode: null,
  });
  const claim = { id: "id", digest: "digest" };
  const keyed = await prepareSlowly(procedure, { ...CALL, claim }).prepared;
  assert.ok(keyed.kind === "ready");
  assert.equal(keyed.procedure.source, "exit 1\n");
});

Deno.test("prepare() has nothing run where there is no room for what is edited", async () => {
  const procedure = { ...script("read"), next: () => Promise.reject(new Error("no room")) };
  assert.deepEqual(await prepareSlowly(procedure, CALL, 35).prepared, {
    kind: "not_run",
    reason: "too many large answers are being read at once, try again later",
  });
});
