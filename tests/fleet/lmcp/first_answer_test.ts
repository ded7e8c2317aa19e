import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createHttpAgent } from "../../../lib/fleet/lmcp/connect.ts";
import { createThroughConnector } from "../../../lib/fleet/lmcp/first_answer.ts";
import { systemClock } from "../../../lib/base/time/clock.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const ANSWER = `${OK}content-length: 4\r\n\r\ndone`;

/** What a server says to the question, and whether the connection is used further. */
interface Row {
  readonly says: readonly string[];
  readonly closes?: boolean;
  readonly isUsed: boolean;
}

const ROWS: Readonly<Record<string, Row>> = {
  "an empty body": { says: [`${OK}content-length: 0\r\n\r\n`], isUsed: true },
  "a body": { says: [`${OK}Content-Length: 2\r\n\r\nok`], isUsed: true },
  "one byte at a time": { says: [...`${OK}content-length: 2\r\n\r\nok`], isUsed: true },
  "no content": { says: ["HTTP/1.1 204 No Content\r\nallow: POST\r\n\r\n"], isUsed: true },
  "a refusal": { says: ["HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\nx"], isUsed: true },
  "a connection that is kept": {
    says: [`${OK}Connection: keep-alive\r\ncontent-length: 0\r\n\r\n`],
    isUsed: true,
  },
  "a connection that is not": {
    says: [`${OK}Connection: close\r\ncontent-length: 0\r\n\r\n`],
    isUsed: false,
  },
  "a body in pieces": {
    says: [`${OK}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    isUsed: false,
  },
  "a body of unknown length": { says: [`${OK}\r\nbody`], isUsed: false },
  "an interim answer": {
    says: ["HTTP/1.1 102 Processing\r\n\r\n", `${OK}content-length: 0\r\n\r\n`],
    isUsed: false,
  },
  "more than it announced": { says: [`${OK}content-length: 1\r\n\r\nmore`], isUsed: false },
  "a head without end": { says: [`${OK}x: ${"y".repeat(20_000)}`], isUsed: false },
  "HTTP/1.0": { says: ["HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"], isUsed: false },
  "another protocol": { says: ["SSH-2.0-OpenSSH_9.2\r\n"], isUsed: false },
  "half an answer": { says: ["HTTP/1.1 2"], closes: true, isUsed: false },
};

/** A server on a Unix socket that treats its first connection otherwise than the others. */
async function serveUnix(onFirst: (socket: Socket) => void | Promise<void>) {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/x.port`;
  const sockets: Socket[] = [];
  let answered: void | Promise<void>;
  const requests: { readonly connection: number; readonly line: string }[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const [line = ""] = bytes.toString().split("\r\n");
      requests.push({ connection, line });
      if (line.startsWith("OPTIONS") && connection === 0) answered = onFirst(socket);
      else socket.write(ANSWER);
    });
  }).listen(path);
  await once(server, "listening");
  return {
    path,
    requests,
    sockets,
    [Symbol.asyncDispose]: async () => {
      await answered;
      for (const socket of sockets) socket.destroy();
      server.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function agentTo(path: string, { onGone = () => {}, connectMs = 10_000 } = {}) {
  const connector = createThroughConnector({ path, port: 8080, onGone });
  return createHttpAgent({ connectMs, connector, clock: systemClock });
}

const request = { origin: "http://127.0.0.1:8080", path: "/mcp", method: "POST" } as const;

for (const [what, { says, closes = false, isUsed }] of Object.entries(ROWS)) {
  const use = isUsed ? "uses" : "does not use";
  Deno.test(`a connection through ssh counts after ${what}, and the hub ${use} it further`, async () => {
    await using server = await serveUnix(async (socket) => {
      for (const part of says) {
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (closes) socket.end();
    });
    const { dispatcher, close } = agentTo(server.path);
    const { body } = await dispatcher.request({ ...request, body: "x" });
    assert.equal(await body.text(), "done");
    assert.deepEqual(server.requests, [
      { connection: 0, line: "OPTIONS /.well-known/lmcp HTTP/1.1" },
      { connection: isUsed ? 0 : 1, line: "POST /mcp HTTP/1.1" },
    ]);
    await close();
  });
}

for (const how of ["destroy", "end"] as const) {
  Deno.test(`a connection through ssh that is closed without an answer (${how}) was never made`, async () => {
    await using server = await serveUnix((socket) => void socket[how]());
    const { dispatcher, close } = agentTo(server.path);
    await assert.rejects(dispatcher.request(request), {
      name: "ConnectError",
      message: /^nothing answers at 127\.0\.0\.1:8080 behind ssh: /,
      timedOut: false,
    });
    assert.equal(server.requests.length, 1);
    await close();
  });
}

Deno.test("a connection through ssh over which nothing comes times out like any other", async () => {
  await using server = await serveUnix(() => {});
  const { dispatcher, close } = agentTo(server.path, { connectMs: 300 });
  await assert.rejects(dispatcher.request(request), { name: "ConnectError", timedOut: true });
  assert.equal(server.requests.length, 1);
  await close();
});

Deno.test("closing ends a connection through ssh that has not answered", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await serveUnix(() => asked.resolve());
  const { dispatcher, close } = agentTo(server.path);
  const rejected = assert.rejects(dispatcher.request(request));
  await asked.promise;
  await close();
  await rejected;
  const [socket] = server.sockets;
  if (socket !== undefined && !socket.destroyed) await once(socket, "close");
});

Deno.test("a socket on which nobody listens any more is reported as gone", async () => {
  const directory = await Deno.makeTempDir();
  const stale = `${directory}/stale.port`;
  // Deno leaves the file.
  Deno.listen({ transport: "unix", path: stale }).close();
  let gone = 0;
  for (const path of [stale, `${directory}/none.port`]) {
    const { dispatcher, close } = agentTo(path, { onGone: () => gone++ });
    await assert.rejects(dispatcher.request(request), {
      name: "ConnectError",
      message: "the ssh connection has ended",
    });
    await close();
  }
  assert.equal(gone, 2);
  await Deno.remove(directory, { recursive: true });
});
