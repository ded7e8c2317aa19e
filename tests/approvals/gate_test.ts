import assert from "node:assert/strict";
import { signState } from "../../lib/approvals/client_state.ts";
import {
  APPROVAL_MS,
  type ApprovalEvent,
  createApprovalGate,
  type Verdict,
  type WaitingCall,
} from "../../lib/approvals/gate.ts";
import { createMemoryApprovals } from "../../lib/approvals/memory.ts";
import { MAX_OPEN } from "../../lib/approvals/store.ts";
import type { ApprovalStore, Asked } from "../../lib/approvals/store.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

const BY = { verdict: "allowed", by: "the operator" } as const;
const YES = { approval: { action: "accept", content: { run: true } } };

function open(asked: Asked = "operator", parts: Partial<ApprovalStore> = {}) {
  const clock = createFakeClock();
  const events: string[] = [];
  const places = new Map<string, string>();
  const gate = createApprovalGate({
    store: { ...createMemoryApprovals({ now: clock.wall }), ...parts },
    whoIsAsked: ({ uses: [use] }) => use?.tool === "remote_read_file" ? "client" : asked,
    placeOf: (host) => places.get(host) ?? "",
    redact: (text) => text.replaceAll("hunter2", "[secret]"),
    clock,
    onEvent: ({ kind, request }: ApprovalEvent) => events.push(`${kind} ${request.principal}`),
  });
  return { clock, events, gate, places };
}

/** A call of `remote_shell` by alice. */
function call(parts: Partial<WaitingCall> = {}): WaitingCall {
  return {
    requestId: "r",
    principal: "alice",
    tool: "remote_shell",
    args: { host: "web1", command: "id" },
    intent: { uses: [{ tool: "remote_shell", readOnly: false, hosts: ["web1"] }] },
    approval: null,
    namesNone: false,
    canBeAsked: false,
    input: undefined,
    ...parts,
  };
}

function requestIn(verdict: Verdict) {
  assert.ok("request" in verdict, JSON.stringify(verdict));
  return verdict.request;
}

function reasonIn(verdict: Verdict): string {
  assert.equal(verdict.kind, "refused");
  return verdict.reason;
}

Deno.test("an approval that nobody has used is over after ten minutes", async () => {
  const { clock, events, gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.decide(id, BY);
  clock.advance(APPROVAL_MS - 1);
  const other = requestIn(await gate.judge(call({ args: { host: "web1", command: "ls" } })));
  clock.advance(1);
  const late = await gate.judge(call({ approval: id }));
  assert.match(reasonIn(late), /there is no approval/);
  assert.deepEqual((await gate.waiting()).map(({ id }) => id), [other.id]);
  assert.deepEqual(events, ["asked alice", "allowed alice", "asked alice", "expired alice"]);
  clock.advance(APPROVAL_MS);
  await gate.waiting();
  assert.equal(events.length, 5);
  assert.equal(clock.pending(), 0);
});

Deno.test("one that has waited for ten minutes can be neither allowed nor denied", async () => {
  const { clock, gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  clock.advance(APPROVAL_MS);
  assert.deepEqual(await gate.decide(id, BY), { kind: "unknown" });
});

Deno.test("of all calls that use one approval at once, one runs", async () => {
  const { gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.decide(id, BY);
  const verdicts = await Promise.all(
    Array.from({ length: 20 }, () => gate.judge(call({ approval: id }))),
  );
  assert.equal(verdicts.filter(({ kind }) => kind === "free").length, 1);
});

Deno.test("an approval is decided once", async () => {
  const { gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  assert.equal((await gate.decide(id, { verdict: "denied", by: "one" })).kind, "decided");
  assert.equal((await gate.decide(id, BY)).kind, "before");
  assert.match(reasonIn(await gate.judge(call({ approval: id }))), /has denied it \(one\)/);
});

Deno.test("a host that is somewhere else now is another host", async () => {
  const { gate, places } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.decide(id, BY);
  places.set("web1", "elsewhere");
  assert.match(reasonIn(await gate.judge(call({ approval: id }))), /other hosts/);
});

Deno.test("a named command that has changed is another call", async () => {
  const { gate } = open();
  const run = (text: string) => ({ ...call().intent, command: { text, mustBeConfirmed: true } });
  const { id } = requestIn(await gate.judge(call({ intent: run("uptime") })));
  await gate.decide(id, BY);
  const verdict = await gate.judge(call({ approval: id, intent: run("reboot") }));
  assert.match(reasonIn(verdict), /other arguments/);
});

Deno.test("a principal has few calls that wait, and leaves room for others", async () => {
  const { gate } = open();
  const ask = (principal: string, command: number) =>
    gate.judge(call({ principal, args: { host: "web1", command: `${command}` } }));
  for (let at = 0; at < MAX_OPEN.ofPrincipal; at++) await ask("alice", at);
  assert.match(reasonIn(await ask("alice", -1)), /too many calls wait/);
  assert.equal((await ask("bob", -1)).kind, "ask_operator");
  for (let at = 0; at < MAX_OPEN.all; at++) await ask(`other${at % 20}`, at);
  assert.equal((await gate.waiting()).length, MAX_OPEN.all);
  assert.match(reasonIn(await ask("carol", 0)), /too many calls wait/);
});

Deno.test("what is asked for a client that is gone is over", async () => {
  const { events, gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.judge(call({ principal: "bob" }));
  await gate.forget(["alice"]);
  assert.deepEqual(events, ["asked alice", "asked bob", "expired alice"]);
  assert.deepEqual(await gate.decide(id, BY), { kind: "unknown" });
});

Deno.test("a person's yes at the client lets its call run once, and no other call", async () => {
  const { events, gate } = open("client");
  const asking = call({ canBeAsked: true });
  const request = requestIn(await gate.judge(asking));
  const input = { state: signState(request), responses: YES };
  for (
    const other of [
      { principal: "bob" },
      { tool: "remote_shell_bg" },
      { args: { host: "web1", command: "reboot" } },
      { intent: { uses: [{ tool: "remote_shell", readOnly: false, hosts: ["web2"] }] } },
      { input: { ...input, state: `${request.id}.forged` } },
      { input: { ...input, state: signState({ ...request, signingKey: "another" }) } },
      { input: { ...input, state: request.id } },
      { input: { ...input, state: "" } },
    ]
  ) {
    const verdict = await gate.judge({ ...asking, input, ...other });
    assert.match(reasonIn(verdict), /^not run/);
  }
  const verdicts = await Promise.all(
    Array.from({ length: 5 }, () => gate.judge({ ...asking, input })),
  );
  assert.equal(verdicts.filter(({ kind }) => kind === "free").length, 1);
  assert.equal((await gate.judge({ ...asking, input })).kind, "refused");
  assert.deepEqual(events, ["asked alice", "allowed alice", "used alice"]);
});

Deno.test("what is no clear yes does not let a call run, and cannot be taken back", async () => {
  const answers: readonly Record<string, unknown>[] = [
    {},
    { approval: null },
    { approval: { action: "accept" } },
    { approval: { action: "accept", content: {} } },
    { approval: { action: "accept", content: { run: "true" } } },
    { approval: { action: "accept", content: { run: false } } },
    { approval: { action: "decline", content: { run: true } } },
    { approval: { action: "yes", content: { run: true } } },
    { other: YES.approval },
  ];
  for (const responses of answers) {
    const { gate } = open("client");
    const asking = call({ canBeAsked: true });
    const state = signState(requestIn(await gate.judge(asking)));
    for (const given of [responses, YES]) {
      const verdict = await gate.judge({ ...asking, input: { state, responses: given } });
      assert.equal(verdict.kind, "refused", JSON.stringify(given));
    }
  }
});

Deno.test("a person's yes is over after ten minutes, too", async () => {
  const { clock, gate } = open("client");
  const asking = call({ canBeAsked: true });
  const state = signState(requestIn(await gate.judge(asking)));
  clock.advance(APPROVAL_MS);
  const verdict = await gate.judge({ ...asking, input: { state, responses: YES } });
  assert.equal(verdict.kind, "refused");
});

Deno.test("a rule for the operator alone is not answered at the client", async () => {
  const { gate } = open("operator");
  const asking = call({ canBeAsked: true });
  const verdict = await gate.judge(asking);
  assert.equal(verdict.kind, "ask_operator");
  const state = signState(requestIn(verdict));
  const answered = await gate.judge({ ...asking, input: { state, responses: YES } });
  assert.equal(answered.kind, "ask_operator");
});

Deno.test("a client's question is not the operator's to answer, nor named by `approval`", async () => {
  const { gate } = open("client");
  const { id } = requestIn(await gate.judge(call({ canBeAsked: true })));
  assert.deepEqual(await gate.waiting(), []);
  assert.deepEqual(await gate.decide(id, BY), { kind: "unknown" });
  assert.match(reasonIn(await gate.judge(call({ approval: id }))), /there is no approval/);
});

Deno.test("a button of the page uses what was allowed for the same, once", async () => {
  const { gate } = open();
  const click = call({ namesNone: true });
  const { id } = requestIn(await gate.judge(click));
  assert.equal((await gate.judge(click)).kind, "ask_operator");
  await gate.decide(id, BY);
  assert.match(reasonIn(await gate.judge(call())), /repeat the call with approval=/);
  assert.equal((await gate.judge(click)).kind, "free");
  assert.equal((await gate.judge(click)).kind, "ask_operator");
});

Deno.test("the same call many times at once is one for the operator, whose no is for all", async () => {
  const { events, gate } = open();
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => gate.judge(call())));
  const ids = new Set(verdicts.map((verdict) => requestIn(verdict).id));
  assert.deepEqual([ids.size, (await gate.waiting()).length, events], [1, 1, ["asked alice"]]);
  for (const id of ids) await gate.decide(id, { verdict: "denied", by: "one" });
  assert.match(reasonIn(await gate.judge(call())), /has denied it \(one\)/);
});

Deno.test("what an operator has denied stays denied, whatever clients ask and answer", async () => {
  const { clock, gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.decide(id, { verdict: "denied", by: "one" });
  const reading = call({
    tool: "remote_read_file",
    intent: { uses: [{ tool: "remote_read_file", readOnly: true, hosts: ["web1"] }] },
    canBeAsked: true,
  });
  for (let at = 0; at < 600; at++) {
    const request = requestIn(await gate.judge(reading));
    const responses = at % 2 === 0 ? YES : { approval: { action: "decline" } };
    const verdict = await gate.judge({
      ...reading,
      input: { state: signState(request), responses },
    });
    assert.equal(verdict.kind, at % 2 === 0 ? "free" : "refused");
  }
  assert.match(reasonIn(await gate.judge(call())), /has denied it \(one\)/);
  assert.equal(clock.pending(), 0);
});

Deno.test("an operator can take back what nobody has used", async () => {
  const { events, gate } = open();
  const { id } = requestIn(await gate.judge(call()));
  await gate.decide(id, BY);
  assert.equal((await gate.decide(id, { verdict: "denied", by: "one" })).kind, "decided");
  assert.match(reasonIn(await gate.judge(call({ approval: id }))), /has denied it \(one\)/);
  assert.deepEqual(events, ["asked alice", "allowed alice", "denied alice"]);
});

Deno.test("nobody is asked where what waits cannot be kept", async () => {
  const { clock, events, gate } = open("operator", { put: () => Promise.resolve("lost") });
  assert.match(reasonIn(await gate.judge(call())), /cannot be kept now: call again in a moment/);
  assert.deepEqual([events, clock.pending()], [[], 0]);
});

Deno.test("a person sees each argument that does not say where the call goes", async () => {
  const { gate } = open();
  const asked = async (args: WaitingCall["args"]) =>
    requestIn(await gate.judge(call({ args }))).shown.split("\n").slice(2);
  assert.deepEqual(await asked({ host: "web1", targets: "web9" }), ["host: web1", "targets: web9"]);
  assert.deepEqual(await asked({ targets: "web[1]" }), ["host: web1"]);
});

Deno.test("questions that a client has left without an answer keep none of its calls waiting", async () => {
  const { clock, gate } = open("client");
  const ask = (command: number, canBeAsked = true) =>
    gate.judge(call({ canBeAsked, args: { host: "web1", command: `${command}` } }));
  const first = requestIn(await ask(0));
  for (let at = 1; at < 2 * MAX_OPEN.ofPrincipal; at++) {
    assert.equal((await ask(at)).kind, "ask_client");
  }
  assert.ok(clock.pending() <= MAX_OPEN.ofPrincipal);
  const late = { state: signState(first), responses: YES };
  const args = { host: "web1", command: "0" };
  const verdict = await gate.judge(call({ canBeAsked: true, args, input: late }));
  assert.match(reasonIn(verdict), /no question of this hub that still stands/);
  for (let at = 0; at < MAX_OPEN.ofPrincipal; at++) {
    assert.equal((await ask(at, false)).kind, "ask_operator");
  }
  assert.match(reasonIn(await ask(-1)), /too many calls wait/);
});
