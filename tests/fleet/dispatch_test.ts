import assert from "node:assert/strict";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { freePort } from "../free_port.ts";
import { startBackend } from "../lab/backend.ts";
import { openBlackHole } from "../lab/black_hole.ts";
import { reset } from "../lab/faults/connection.ts";
import { createFakeSsh, type SshBehaviour } from "../lab/fake_ssh.ts";
import { createNonce } from "../lab/executions.ts";
import { labHost } from "../lab/host.ts";
import { REMOTE_CALLS } from "../lab/remote_calls.ts";
import { status } from "../lab/faults/http.ts";
import { openHub } from "../lab/hub.ts";
import { summary } from "./answers.ts";

const REFUSED = "connect: connection refused";
const SSH_FAILED = "ssh connect failed: no route";

/** Calls a host whose port refuses, and whose ssh behaves as asked. */
async function callRefused(
  tool: string,
  args: Record<string, unknown>,
  ssh: SshBehaviour | "no ssh",
) {
  const host = labHost({
    lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`,
    ...(ssh === "no ssh" ? { sshHost: null } : {}),
  });
  const fake = createFakeSsh(() => ssh === "no ssh" ? "ran" : ssh);
  await using hub = openHub({ hosts: [host], ssh: fake });
  return summary(await hub.call(tool, { host: host.name, ...args }));
}

/** Calls a backend that breaks the connection at each call, with ssh as asked. */
async function callBroken(
  tool: string,
  args: Record<string, unknown>,
  ssh: SshBehaviour | "no ssh",
) {
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" ? reset : null,
  });
  const host = labHost({ lmcpUrl: backend.url, ...(ssh === "no ssh" ? { sshHost: null } : {}) });
  const fake = createFakeSsh(() => ssh === "no ssh" ? "ran" : ssh);
  await using hub = openHub({ hosts: [host], ssh: fake });
  const answer = summary(await hub.call(tool, { host: host.name, ...args }));
  return { ...answer, sshUses: fake.uses.length };
}

const SHELL = ["remote_shell", { command: "true" }] as const;
const READ = ["remote_read_file", { path: "/etc/motd" }] as const;

Deno.test("dispatch() says that nothing ran when neither transport delivered", async () => {
  assert.deepEqual(await callRefused(...SHELL, "not_delivered"), {
    outcome: "not_delivered",
    via: null,
    reason: REFUSED,
    text: `Error: lmcp: ${REFUSED} | ssh: ${SSH_FAILED}\nIt did not run.`,
  });
});

Deno.test("dispatch() says that nothing ran when there is no ssh to fall back to", async () => {
  assert.deepEqual(await callRefused(...SHELL, "no ssh"), {
    outcome: "not_delivered",
    via: null,
    reason: null,
    text: `Error: lmcp: ${REFUSED} | ssh: no host configured\nIt did not run.`,
  });
});

Deno.test("dispatch() does not know what became of a call that was lost over ssh", async () => {
  const { outcome, via, reason, text } = await callRefused(...SHELL, "unknown");
  assert.deepEqual({ outcome, via, reason }, { outcome: "unknown", via: "ssh", reason: REFUSED });
  assert.match(text, /^Error: lmcp: connect: connection refused \| ssh: connection lost \|/);
});

Deno.test("dispatch() does not repeat a shell call whose answer was lost", async () => {
  for (const ssh of ["ran", "not_delivered", "unknown", "no ssh"] as const) {
    const { outcome, via, sshUses } = await callBroken(...SHELL, ssh);
    assert.deepEqual({ outcome, via, sshUses }, { outcome: "unknown", via: "lmcp", sshUses: 0 });
  }
});

Deno.test("dispatch() repeats a read whose answer was lost", async () => {
  const { outcome, via, sshUses } = await callBroken(...READ, "ran");
  assert.deepEqual({ outcome, via, sshUses }, { outcome: "ok", via: "ssh", sshUses: 1 });
});

Deno.test("dispatch() never says of a call that may have run that it was not delivered", async () => {
  const lost = await callBroken(...READ, "not_delivered");
  assert.deepEqual([lost.outcome, lost.via], ["unknown", "lmcp"]);
  assert.match(lost.text, new RegExp(`^Error: lmcp: connection lost: .* \\| ssh: ${SSH_FAILED}`));
  const alone = await callBroken(...READ, "no ssh");
  assert.deepEqual([alone.outcome, alone.via], ["unknown", "lmcp"]);
});

Deno.test("dispatch() does not start ssh for a caller that has gone", async () => {
  await using backend = await startBackend();
  const ssh = createFakeSsh();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host], ssh });
  const signal = AbortSignal.abort();
  const answer = await hub.call("remote_list_dir", { host: host.name }, { signal });
  assert.equal(summary(answer).outcome, "not_delivered");
  assert.deepEqual([ssh.uses.length, backend.requests.length], [0, 0]);
});

Deno.test("a call over either transport is seen as a sign of life", async () => {
  await using backend = await startBackend();
  const [viaLmcp, viaSsh] = [
    labHost({ name: "a", lmcpUrl: backend.url }),
    labHost({ name: "b", lmcpUrl: `http://127.0.0.1:${freePort()}/mcp` }),
  ];
  await using hub = openHub({ hosts: [viaLmcp, viaSsh] });
  for (const host of ["a", "b"]) await hub.call("remote_list_dir", { host });
  assert.equal(hub.linkTo(viaLmcp).health.state()?.via, "lmcp");
  assert.equal(hub.linkTo(viaSsh).health.state()?.via, "ssh");
});

Deno.test("a refused call is no sign of a dead port: the next call tries lmcp again", async () => {
  let refusals = 1;
  await using backend = await startBackend({
    behaviour: ({ method }) => method === "tools/call" && refusals-- > 0 ? status(413) : null,
  });
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const call = async () => summary(await hub.call("remote_list_dir", { host: host.name })).via;
  assert.deepEqual([await call(), await call()], ["ssh", "lmcp"]);
});

Deno.test("a port that timed out is left alone for 30 s, and looked at in the background", async () => {
  const clock = createFakeClock();
  using hole = await openBlackHole();
  const timeouts = { connectMs: 3_000, lmcpMs: 1_000 };
  const host = labHost({ lmcpUrl: hole.url, timeouts });
  const ssh = createFakeSsh();
  await using hub = openHub({ hosts: [host], ssh, clock });
  const call = async () => summary(await hub.call("remote_list_dir", { host: host.name })).reason;
  assert.equal(await call(), "connect: timeout");
  clock.advance(7_000);
  const startedAt = performance.now();
  assert.equal(await call(), "connect: timeout 7 s ago, not tried again yet");
  assert.ok(performance.now() - startedAt < timeouts.connectMs);
  await hub.prober.settled();
  assert.equal(hub.linkTo(host).health.portTimedOutFor(), 0);
  clock.advance(29_999);
  assert.equal(hub.linkTo(host).health.portTimedOutFor(), 29_999);
  clock.advance(1);
  assert.equal(await call(), "connect: timeout");
});

Deno.test("a port that timed out is tried again as soon as a probe has reached it", async () => {
  const clock = createFakeClock();
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host], clock });
  hub.linkTo(host).health.recordPort(true);
  const call = async () => summary(await hub.call("remote_list_dir", { host: host.name })).via;
  assert.equal(await call(), "ssh");
  await hub.prober.settled();
  assert.equal(await call(), "lmcp");
});

for (const extra of [{ dry_run: true }, { offset: 3 }, { working_dir: "/" }]) {
  const [name = ""] = Object.keys(extra);
  Deno.test(`a call with the undeclared argument ${name} does not run over ssh`, async () => {
    const host = labHost();
    const ssh = createFakeSsh();
    await using hub = openHub({ hosts: [host], ssh });
    const args = { host: host.name, command: "true", ...extra };
    const answer = summary(await hub.call("remote_shell", args));
    assert.equal(answer.outcome, "not_delivered");
    assert.equal(
      answer.text,
      `Error: lmcp: no url configured | ssh: unknown \`${name}\` parameter ` +
        "(accepted: `command`, `cwd`, `timeout`)\nIt did not run.",
    );
    assert.equal(ssh.uses.length, 0);
  });
}

Deno.test("a host with ssh alone did not fall back, and its errors are those of ssh", async () => {
  const host = labHost();
  let behaviour: SshBehaviour = "ran";
  await using hub = openHub({ hosts: [host], ssh: createFakeSsh(() => behaviour) });
  const call = () => hub.call("remote_shell", { host: host.name, command: "true" });
  const ran = await call();
  assert.deepEqual([summary(ran).via, summary(ran).reason], ["ssh", null]);
  behaviour = "not_delivered";
  const failed = await call();
  assert.equal(failed.structuredContent?.error, `ssh: ${SSH_FAILED}`);
  assert.equal(
    summary(failed).text,
    `Error: lmcp: no url configured | ssh: ${SSH_FAILED}\nIt did not run.`,
  );
});

for (const { tool, args } of REMOTE_CALLS.filter(({ readOnly }) => readOnly)) {
  Deno.test(`dispatch() tries a black-holed port of a host without ssh again: ${tool}`, async () => {
    const clock = createFakeClock();
    await using backend = await startBackend();
    const host = labHost({ lmcpUrl: backend.url, sshHost: null });
    await using hub = openHub({ hosts: [host], clock });
    hub.linkTo(host).health.recordPort(true);
    const answer = await hub.call(tool, { host: host.name, ...args(createNonce()) });
    assert.equal(summary(answer).via, "lmcp");
  });
}
