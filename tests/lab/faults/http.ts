import { NOT_APPLIED } from "../../../lib/fleet/outcome.ts";
import type { Fault } from "./fault.ts";
import { httpHead, httpText } from "../http_text.ts";

const EVENT_STREAM = { "content-type": "text/event-stream" };

/** What the body of a response with a status holds. */
export type StatusBody = "nothing" | "a text" | "a JSON-RPC error" | "a JSON-RPC error to the call";

/** Answers with a status; unless that says that the request was not applied, the tool ran before. */
export function status(code: number, content: StatusBody = "a text"): Fault {
  return {
    name: `HTTP ${code} with ${content}`,
    // Frameworks turn what a tool throws into a status and a JSON-RPC error.
    runs: !NOT_APPLIED.includes(code) || content.startsWith("a JSON-RPC error"),
    strike: ({ connection, request: { id } }) =>
      connection.send(httpText({ status: code, body: statusBody(content, id) })),
  };
}

function statusBody(content: StatusBody, requestId: unknown): string {
  switch (content) {
    case "nothing":
      return "";
    case "a text":
      return "Says no";
    case "a JSON-RPC error":
    case "a JSON-RPC error to the call": {
      const id = content === "a JSON-RPC error" ? null : requestId;
      return JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: "Says no" } });
    }
  }
}

/** Runs the tool, then answers with a status and a JSON-RPC message of some form. */
export function statusAfterRun(code: number, form: StatusForm): Fault {
  return {
    name: `HTTP ${code} with ${form}`,
    runs: true,
    strike: async ({ connection, request: { id }, right: { body = "" } }) => {
      const error = { error: { code: -32000, message: "x".repeat(10_000) }, jsonrpc: "2.0", id };
      switch (form) {
        case "the result":
          return await connection.send(httpText({ status: code, body }));
        case "the result as event stream":
          return await connection.send(
            httpText({ status: code, headers: EVENT_STREAM, body: `data: ${body}\n\n` }),
          );
        case "a batch":
          return await connection.send(httpText({ status: code, body: `[${body}]` }));
        case "an error without a version":
          return await connection.send(
            httpText({
              status: code,
              body: JSON.stringify({ id, error: { code: 1, message: "no" } }),
            }),
          );
        case "an error in UTF-16": {
          const text = JSON.stringify({ ...error, error: { code: 1, message: "no" } });
          return await connection.send(
            httpText({
              status: code,
              body: text.replaceAll(/./g, (character) => `${character}\0`),
            }),
          );
        }
        case "a long error in pieces": {
          const text = JSON.stringify(error);
          const headers = { "content-length": String(text.length) };
          await connection.send(httpHead({ status: code, headers }) + text.slice(0, 5_000));
          await new Promise((resolve) => setTimeout(resolve, 20));
          return await connection.send(text.slice(5_000));
        }
      }
    },
  };
}

/** How a response whose status is not 200 holds a JSON-RPC message. */
export type StatusForm =
  | "the result"
  | "the result as event stream"
  | "an error without a version"
  | "an error in UTF-16"
  | "a batch"
  | "a long error in pieces";

/** Sends the caller elsewhere. */
export function redirect(code: number, location: string): Fault {
  return {
    name: `redirect ${code}`,
    runs: false,
    strike: ({ connection }) =>
      connection.send(httpText({ status: code, headers: { location }, body: "" })),
  };
}

/** Answers with what is no JSON. */
export const badJson: Fault = {
  name: "bad JSON",
  runs: true,
  strike: ({ connection }) => connection.send(httpText({ body: "{ this is no JSON" })),
};

/** Answers with a page. */
export const wrongContentType: Fault = {
  name: "wrong content type",
  runs: true,
  strike: ({ connection }) => {
    const headers = { "content-type": "text/html" };
    return connection.send(httpText({ headers, body: "<h1>It works</h1>" }));
  },
};

/** Answers in an event stream, as it may. */
export const eventStream: Fault = {
  name: "answer as event stream",
  runs: true,
  strike: async ({ connection, right: { headers, body } }) => {
    await connection.send(httpHead({ headers: { ...headers, ...EVENT_STREAM } }));
    await connection.send(`: hello\n\nevent: message\ndata: ${body}\n\n`);
    connection.finish();
  },
};

/** Answers in an event stream, with what else servers send there before. */
export const busyEventStream: Fault = {
  name: "answer among other events",
  runs: true,
  strike: async ({ connection, right: { headers, body } }) => {
    const foreign = JSON.stringify({ jsonrpc: "2.0", id: "another", result: {} });
    await connection.send(httpHead({
      headers: { ...headers, "content-type": "Text/Event-Stream; charset=utf-8" },
    }));
    await connection.send("id: 1\ndata: \n\n");
    await connection.send("event: ping\ndata: now\n\n");
    const error = { code: -32600, message: "Says no to somebody" };
    const anonymous = JSON.stringify({ jsonrpc: "2.0", id: null, error });
    await connection.send(`event: message\ndata: ${foreign}\n\n`);
    await connection.send(`event: message\ndata: ${anonymous}\n\n`);
    await connection.send(`event: message\ndata: ${body}\n\n`);
    connection.finish();
  },
};

/** Answers as it should, behind a byte order mark. */
export const byteOrderMark: Fault = {
  name: "byte order mark",
  runs: true,
  strike: ({ connection, right: { headers, body } }) =>
    connection.send(
      httpText({
        headers: { ...headers, "content-type": "APPLICATION/JSON" },
        body: `\uFEFF${body}`,
      }),
    ),
};

/** Sends notifications without end, and never the answer. */
export const endlessEventStream: Fault = {
  name: "endless event stream",
  runs: true,
  strike: async ({ connection }) => {
    const params = { message: "x".repeat(256 * 1024) };
    const event = { jsonrpc: "2.0", method: "notifications/progress", params };
    await connection.send(httpHead({ headers: EVENT_STREAM }));
    while (!connection.isClosed) await connection.send(`data: ${JSON.stringify(event)}\n\n`);
  },
};

/** Ends an event stream in which the answer did not stand. */
export const emptyEventStream: Fault = {
  name: "event stream without answer",
  runs: true,
  strike: async ({ connection }) => {
    await connection.send(httpHead({ headers: EVENT_STREAM }));
    await connection.send(": nothing\n\n");
    connection.finish();
  },
};
