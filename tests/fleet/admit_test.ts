import assert from "node:assert/strict";
import type { Host } from "../../lib/fleet/host.ts";
import { HUB } from "../../lib/fleet/claimant.ts";
import type { Call, Via, Work } from "../../lib/fleet/transport.ts";
import { shellProcedure } from "../../lib/work/shell.ts";
import { startBackend } from "../lab/backend.ts";
import { sessionDialect } from "../lab/dialect.ts";
import { createNonce } from "../lab/executions.ts";
import { createFakeSsh } from "../lab/fake_ssh.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { stopSeen } from "../lab/stop_seen.ts";

const REFUSED = "http://127.0.0.1:1/mcp";

function shellWork(command: string): Work {
  return {
    tool: "shell",
    args: { command },
    declared: ["command"],
    readOnly: false,
    runMs: 1_000,
    payloadBytes: 0,
    maxAnswerBytes: 1_024,
    procedure: () => shellProcedure({ command, cwd: "", timeoutSeconds: 1 }),
  };
}

function callWith(admit: (via: Via) => Promise<boolean>): Call {
  const { signal } = new AbortController();
  return { claimant: HUB, signal, traceparent: null, onProgress: null, admit };
}

Deno.test("a call is admitted once its backend is known, and before it is sent", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  const seen: unknown[] = [];
  const call = callWith((via) => {
    seen.push([via, backend.requests.map(({ method }) => method)]);
    return Promise.resolve(true);
  });
  assert.equal((await hub.dispatch(host, shellWork("true"), call)).kind, "ran");
  assert.deepEqual(seen, [["lmcp", ["server/discover"]]]);
  assert.equal(backend.requests.at(-1)?.method, "tools/call");
});

Deno.test("a host that cannot be reached asks for no admission, over ssh it does before", async () => {
  const [dead, other] = [
    labHost({ lmcpUrl: REFUSED, sshHost: null }),
    labHost({ lmcpUrl: REFUSED, name: "other" }),
  ];
  const ssh = createFakeSsh();
  await using hub = openHub({ hosts: [dead, other], ssh });
  const asked: unknown[] = [];
  const call = callWith((via) => {
    asked.push([via, ssh.uses.length]);
    return Promise.resolve(true);
  });
  const work = shellWork("true");
  assert.equal((await hub.dispatch(dead, work, call)).kind, "not_delivered");
  assert.deepEqual(asked, []);
  assert.equal((await hub.dispatch(other, work, call)).kind, "ran");
  assert.deepEqual(asked, [["ssh", 0]]);
});

Deno.test("what is not admitted is not sent, nor tried another way", async () => {
  const nonce = createNonce();
  await using backend = await startBackend();
  const ssh = createFakeSsh();
  const hosts: readonly Host[] = [
    labHost({ lmcpUrl: backend.url }),
    labHost({ lmcpUrl: null, name: "ssh" }),
  ];
  await using hub = openHub({ hosts, ssh });
  const call = callWith(() => Promise.resolve(false));
  for (const host of hosts) {
    const { kind, errors } = await hub.dispatch(host, shellWork(nonce), call);
    assert.deepEqual([kind, errors.length], ["not_delivered", host.lmcpUrl === null ? 2 : 1]);
  }
  assert.deepEqual([backend.executions.count(nonce), ssh.executions.count(nonce)], [0, 0]);
});

Deno.test("a backend that has restarted while a call waited for admission gets it all the same", async () => {
  const nonce = createNonce();
  await using backend = await startBackend({ dialect: sessionDialect });
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  let now = 0;
  await using hub = openHub({ hosts: [host], clock: { now: () => now, wall: () => now } });
  const call = callWith(async () => {
    await stopSeen({ backend, hub, host });
    await backend.start();
    now += 31_000;
    return true;
  });
  assert.equal((await hub.dispatch(host, shellWork(nonce), call)).kind, "ran");
  assert.equal(backend.executions.count(nonce), 1);
});
