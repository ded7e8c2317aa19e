import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { httpText } from "./http_text.ts";

/** A port that answers whatever comes with plain HTTP, as one does that has no TLS. */
export interface PlainTextPort extends AsyncDisposable {
  /** With the wrong scheme. */
  readonly url: string;
}

/** Opens a port that is named by an `https:` URL and knows no TLS. */
export async function openPlainTextPort(): Promise<PlainTextPort> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => socket.end(httpText({ status: 400 })));
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("No TCP address");
  return {
    url: `https://127.0.0.1:${address.port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
