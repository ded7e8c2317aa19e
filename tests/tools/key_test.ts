import assert from "node:assert/strict";
import { CallEnded, type Ending } from "../../lib/mcp/in_flight.ts";
import {
  claimOfKey,
  EARLIER,
  type KeyedCall,
  markEarlier,
  outliveClient,
} from "../../lib/tools/key.ts";
import type { Reply } from "../../lib/work/reply.ts";

const CALL: KeyedCall = {
  principal: "ann",
  host: "web1",
  key: "k",
  tool: "shell",
  args: { command: "true", env: { a: 1, b: [2, { d: 3, c: 4 }] } },
};

Deno.test("claimOfKey() does not depend on the order of arguments, in whatever depth", () => {
  const args = { env: { b: [2, { c: 4, d: 3 }], a: 1 }, command: "true" };
  assert.deepEqual(claimOfKey({ ...CALL, args }), claimOfKey(CALL));
});

Deno.test("claimOfKey() has another digest for another tool, argument or order of a list", () => {
  const { id, digest } = claimOfKey(CALL);
  for (
    const other of [
      { tool: "shell_bg" },
      { args: { command: "false" } },
      { args: { ...CALL.args, more: null } },
      { args: { command: "true", env: { a: 1, b: [{ d: 3, c: 4 }, 2] } } },
    ]
  ) {
    const claim = claimOfKey({ ...CALL, ...other });
    assert.equal(claim.id, id);
    assert.notEqual(claim.digest, digest);
  }
});

const REPLY: Reply = { text: "[rc=0]\nhi\n", failure: null, structured: { exit_code: 0 } };

for (
  const [what, reply, marked] of [
    ["a text", REPLY, { ...REPLY, text: `[rc=0]\nhi\n${EARLIER}` }],
    ["an open line", { ...REPLY, text: "hi" }, { ...REPLY, text: `hi\n${EARLIER}` }],
    ["a failure", { text: "Error: no", failure: "no", structured: null }, {
      text: `Error: no\n${EARLIER}`,
      failure: `no\n${EARLIER}`,
      structured: null,
    }],
    ["the last of several texts", {
      ...REPLY,
      content: [{ type: "text", text: "a" }, { type: "text", text: "b" }],
    }, {
      ...REPLY,
      text: `[rc=0]\nhi\n${EARLIER}`,
      content: [{ type: "text", text: "a" }, { type: "text", text: `b\n${EARLIER}` }],
    }],
    ["what has no text", {
      ...REPLY,
      content: [{ type: "image", data: "", mimeType: "image/png" }],
    }, {
      ...REPLY,
      text: `[rc=0]\nhi\n${EARLIER}`,
      content: [{ type: "image", data: "", mimeType: "image/png" }, {
        type: "text",
        text: EARLIER,
      }],
    }],
    ["the Lua hub's words", { ...REPLY, legacy: { answer: "Written" } }, {
      ...REPLY,
      text: `[rc=0]\nhi\n${EARLIER}`,
      legacy: { answer: `Written\n${EARLIER}` },
    }],
  ] satisfies readonly (readonly [string, Reply, Reply])[]
) {
  Deno.test(`markEarlier() says it behind ${what}`, () => {
    assert.deepEqual(markEarlier(reply), marked);
  });
}

for (
  const [ending, ends] of [
    ["disconnected", false],
    ["cancelled", true],
    ["operator", true],
    ["stopping", true],
  ] satisfies readonly (readonly [Ending, boolean])[]
) {
  Deno.test(`outliveClient() ${ends ? "ends" : "goes on with"} work whose call is ${ending}`, async () => {
    const client = new AbortController();
    const aborted = await outliveClient(client.signal, (signal) => {
      client.abort(new CallEnded(ending));
      return Promise.resolve(signal.aborted);
    });
    assert.equal(aborted, ends);
  });
}
