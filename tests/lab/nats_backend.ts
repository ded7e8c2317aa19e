import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";
import { type NatsConnection, openNats } from "../../lib/nats/connection.ts";
import { readRequest, type Reply, type Request, writeFrame } from "../../lib/nats/frames.ts";
import {
  AGENT_QUEUE,
  agentSubject,
  hostNoticeSubject,
  hostSubject,
} from "../../lib/nats/subjects.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";
import { until } from "../processes.ts";
import { Executions } from "./executions.ts";

const AGENT = "fake-agent";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A JSON-RPC request that has come to a backend on NATS, and how to reply. */
export interface NatsStrike {
  readonly request: Request;
  /** Sends a reply to it, or what is none. */
  readonly reply: (reply: Reply | Uint8Array) => void;
  /** The right answer. */
  readonly answer: Reply;
}

/** What is done in the place of the right answer to a `tools/call`, and whether it has run by then. */
export interface NatsFault {
  readonly runs: boolean;
  readonly strike: (strike: NatsStrike) => void;
  /** What is said to what follows; default: nothing. */
  readonly next?: (strike: Omit<NatsStrike, "answer">) => void;
}

/** An agent on NATS that does as its test says. */
export interface NatsBackend extends AsyncDisposable {
  readonly agent: string;
  readonly executions: Executions;
  /** Operations that have come, in order. */
  readonly ops: readonly string[];
  readonly connection: NatsConnection;
}

/** Starts one; without a fault it answers as it should. */
export async function startNatsBackend(
  settings: NatsSettings,
  name: string,
  { fault = null, strikes = "tools/call" }: {
    readonly fault?: NatsFault | null;
    /** The method that the fault strikes. */
    readonly strikes?: string;
  } = {},
): Promise<NatsBackend> {
  const log = { info() {}, warn() {}, debug() {} };
  const connection = openNats({ settings, name: "fake", log });
  const executions = new Executions();
  const ops: string[] = [];
  const serve = (data: Uint8Array, to: string | null) => {
    const request = readRequest(data);
    if (request === null || to === null) return;
    ops.push(request.op);
    const reply = (frame: Reply | Uint8Array) => {
      connection.publish(to, frame instanceof Uint8Array ? frame : writeFrame(frame));
    };
    if (request.op !== "call") return fault?.next?.({ request, reply });
    const { id, method, params } = parse(request.body);
    const isStruck = method === strikes;
    if (method === "tools/call" && (!isStruck || fault === null || fault.runs)) {
      executions.record(String(params.name), JSON.stringify(params.arguments));
    }
    const body = encoder.encode(
      JSON.stringify({ jsonrpc: "2.0", id, result: resultOf(method) }),
    );
    const answer: Reply = {
      state: "answer",
      agent: AGENT,
      bytes: body.length,
      step: 1_024,
      body,
    };
    if (isStruck && fault !== null) fault.strike({ request, reply, answer });
    else reply(answer);
  };
  const subscribed = [
    { subject: hostSubject(name), queue: AGENT_QUEUE },
    { subject: hostNoticeSubject(name) },
    { subject: agentSubject(name, AGENT) },
  ].map((options) =>
    connection.subscribe({ ...options, onMessage: ({ data, reply }) => serve(data, reply) })
  );
  await until(connection.isUp);
  await connection.flush();
  return {
    agent: AGENT,
    executions,
    ops,
    connection,
    [Symbol.asyncDispose]: async () => {
      for (const subscription of subscribed) subscription.end();
      await connection.close();
    },
  };
}

function parse(body: Uint8Array) {
  const message: unknown = JSON.parse(decoder.decode(body));
  if (!isJsonObject(message)) throw new TypeError("Not a JSON-RPC message");
  const params = isJsonObject(message.params) ? message.params : {};
  return { id: message.id, method: String(message.method), params };
}

function resultOf(method: string): JsonObject {
  switch (method) {
    case "server/discover":
      return { supportedVersions: ["2026-07-28"] };
    case "tools/list":
      return { tools: [] };
    default:
      return { content: [{ type: "text", text: "from the backend" }] };
  }
}
