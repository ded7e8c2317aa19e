import { connect, type Socket } from "node:net";

/** A port that swallows connections: they neither open nor fail. */
export interface BlackHole extends Disposable {
  readonly url: string;
}

/** How long a connection must hang before the port counts as black. */
const HANG_MS = 50;

/** Opens a port whose queue is full, and is never emptied. */
export async function openBlackHole(): Promise<BlackHole> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const queued: Socket[] = [];
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    queued.push(socket);
    if (!await connects(socket)) break;
  }
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    [Symbol.dispose]() {
      for (const socket of queued) socket.destroy();
      listener.close();
    },
  };
}

function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), HANG_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
