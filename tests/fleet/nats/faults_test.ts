import assert from "node:assert/strict";
import { createNonce } from "../../lab/executions.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { type NatsFault, type NatsStrike, startNatsBackend } from "../../lab/nats_backend.ts";
import { openLabNats } from "../../lab/nats_hub.ts";
import { REMOTE_CALLS, type RemoteCall } from "../../lab/remote_calls.ts";
import { startNats, type TestNats } from "../../nats/server.ts";
import { expectedRow, type Known, type Row } from "../fault_table.ts";
import { NAME, natsTest } from "./lab.ts";

const AGENT = "fake-agent";
const encoder = new TextEncoder();
const junk = encoder.encode("junk");
const SHORT = { connectMs: 1_500, lmcpMs: 300 };

/** A fault of an agent, and what is known when it strikes the call, or the handshake before it. */
interface FaultRow extends NatsFault {
  readonly name: string;
  readonly call: Known;
  readonly handshake: "ran" | "did_not_run";
  /** It shows only when a deadline passes. */
  readonly waits?: true;
}

const running = (body = new Uint8Array(0)) => ({ state: "running", agent: AGENT, body }) as const;
const answerOf = (bytes: number, body: Uint8Array, step = 2_048) =>
  ({ state: "answer", agent: AGENT, bytes, step, body }) as const;
const lost = { runs: true, call: "unknown", handshake: "did_not_run" } as const;

/** The delivery table, for what agents on NATS can do. */
const FAULTS: readonly FaultRow[] = [
  {
    ...lost,
    name: "an answer that is sent twice",
    call: "ran",
    handshake: "ran",
    strike: ({ reply, answer }) => {
      reply(answer);
      reply(answer);
    },
  },
  {
    ...lost,
    name: "an answer after it has said that it runs",
    call: "ran",
    handshake: "ran",
    strike: ({ reply }) => reply(running()),
    next: late(),
  },
  {
    name: "a refusal",
    runs: false,
    call: "did_not_run",
    handshake: "did_not_run",
    strike: ({ reply }) => reply({ state: "refused", agent: AGENT, reason: "not now" }),
  },
  { ...lost, name: "silence", waits: true, strike: () => {} },
  { ...lost, name: "junk", strike: ({ reply }) => reply(junk) },
  { ...lost, name: "no bytes", strike: ({ reply }) => reply(new Uint8Array(0)) },
  {
    ...lost,
    name: "junk behind a head",
    strike: ({ reply }) => reply(answerOf(4, junk)),
  },
  {
    ...lost,
    name: "no answer",
    strike: ({ reply }) => reply(answerOf(0, new Uint8Array(0))),
  },
  {
    ...lost,
    name: "an answer that is longer than it was said to be",
    strike: ({ reply, answer }) => {
      const body = new Uint8Array(4_096).fill(0x20);
      if ("body" in answer) body.set(answer.body);
      reply(answerOf(2_048, body));
    },
  },
  {
    ...lost,
    name: "an answer that is too large",
    strike: ({ reply }) => reply(answerOf(2 ** 50, new Uint8Array(2_048))),
  },
  {
    ...lost,
    name: "an answer whose pieces are tiny",
    strike: ({ reply }) => reply(answerOf(4_096, new Uint8Array(2_048), 1)),
  },
  {
    ...lost,
    name: "an answer whose first piece is empty",
    strike: ({ reply }) => reply(answerOf(4_096, new Uint8Array(0))),
  },
  {
    ...lost,
    name: "an answer whose other pieces do not come",
    waits: true,
    strike: ({ reply }) => reply(answerOf(4_096, new Uint8Array(2_048))),
  },
  {
    ...lost,
    name: "an answer whose other pieces are of another length",
    strike: ({ reply }) => reply(answerOf(8_192, new Uint8Array(2_048))),
    next: ({ reply }) => reply({ state: "piece", agent: AGENT, body: new Uint8Array(1_000) }),
  },
  {
    ...lost,
    name: "a call that the agent has forgotten",
    strike: ({ reply }) => reply(running()),
    next: ({ reply }) => reply({ state: "gone", agent: AGENT }),
  },
  {
    ...lost,
    name: "a call that never ends",
    waits: true,
    strike: ({ reply }) => reply(running()),
    next: ({ reply }) => reply(running()),
  },
  {
    ...lost,
    name: "a call that never ends, with notifications that are none",
    waits: true,
    strike: ({ reply }) => reply(running(encoder.encode("x\n".repeat(10_000)))),
    next: ({ reply }) => reply(running(encoder.encode("{}\n".repeat(10_000)))),
  },
  {
    ...lost,
    name: "an agent that is gone when it is asked again",
    strike: ({ reply }) => reply({ ...running(), agent: "nobody" }),
  },
  {
    ...lost,
    name: "a reply that belongs to another request",
    strike: ({ reply }) => reply({ state: "ready", agent: AGENT }),
  },
];

/** Answers what follows with what the struck request should have been answered. */
function late(): NonNullable<NatsFault["next"]> {
  return ({ reply, request }) => {
    if (request.op !== "wait") return;
    const id = lastIds.at(-1);
    const result = {
      supportedVersions: ["2026-07-28"],
      content: [{ type: "text", text: "from the backend" }],
    };
    const body = encoder.encode(JSON.stringify({ jsonrpc: "2.0", id, result }));
    reply(answerOf(body.length, body));
  };
}

const lastIds: unknown[] = [];

/** Remembers the id of the request, for a later answer. */
function noting(strike: NatsFault["strike"]): NatsFault["strike"] {
  return (given: NatsStrike) => {
    const { request } = given;
    if (request.op === "call") {
      lastIds.push(JSON.parse(new TextDecoder().decode(request.body)).id);
    }
    strike(given);
  };
}

async function rowOf(
  call: RemoteCall,
  server: TestNats,
  { fault, struck }: { readonly fault: FaultRow; readonly struck: string },
): Promise<Row> {
  const strike = noting(fault.strike);
  await using backend = await startNatsBackend(server.settings, NAME, {
    fault: { ...fault, strike },
    strikes: struck,
  });
  await using nats = await openLabNats(server.settings);
  const host = labHost({ natsName: NAME, timeouts: fault.waits ? SHORT : {} });
  const ssh = createFakeSsh();
  await using hub = openHub({ hosts: [host], ssh, natsWireTo: nats.wireTo });
  const nonce = createNonce();
  const { isError, structuredContent } = await hub.call(call.tool, {
    host: host.name,
    ...call.args(nonce),
  });
  const { outcome, via, fallback_reason: reason } = structuredContent ?? {};
  return {
    outcome: String(outcome),
    via: via === "nats" ? "lmcp" : via === null ? null : String(via),
    isError: isError === true,
    hasFallbackReason: reason !== null,
    lmcpRuns: backend.executions.count(nonce),
    sshRuns: ssh.executions.count(nonce),
  };
}

natsTest("of an answer that has no room nothing more is fetched", async () => {
  await using server = await startNats();
  const strike: NatsFault["strike"] = ({ reply }) =>
    reply(answerOf(2 ** 30, new Uint8Array(2_048)));
  await using backend = await startNatsBackend(server.settings, NAME, {
    fault: { runs: true, strike },
  });
  await using nats = await openLabNats(server.settings);
  const host = labHost({ natsName: NAME, sshHost: null });
  await using hub = openHub({ hosts: [host], natsWireTo: nats.wireTo });
  const { structuredContent } = await hub.call("remote_shell", { host: "tesla", command: "x" });
  assert.match(String(structuredContent?.error), /^nats: answer larger than \d+ bytes \| outcome/);
  assert.ok(!backend.ops.includes("get"), backend.ops.join());
});

const CALLS = REMOTE_CALLS.filter(({ tool }) =>
  tool === "remote_shell" || tool === "remote_read_file"
);

for (const fault of FAULTS) {
  for (const struck of ["tools/call", "server/discover"] as const) {
    const known = struck === "tools/call" ? fault.call : fault.handshake;
    natsTest(`${fault.name}, striking ${struck}: the caller knows "${known}"`, async () => {
      await using server = await startNats();
      for (const call of CALLS) {
        assert.deepEqual(
          await rowOf(call, server, { fault, struck }),
          expectedRow(known, call),
          call.tool,
        );
      }
    });
  }
}
