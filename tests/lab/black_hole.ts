import { connect, type Socket } from "node:net";
import { within } from "../../lib/base/time/within.ts";

/** A port that swallows connections: they neither open nor fail. */
export interface BlackHole extends Disposable {
  readonly url: string;
}

/** How long a connection must hang, twice, before the port counts as black. */
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

/** What has opened during a stall is heard of in the second wait at the latest. */
async function connects(socket: Socket): Promise<boolean> {
  const opened = new Promise<true>((resolve) => socket.once("connect", () => resolve(true)));
  for (let waits = 0; waits < 2; waits++) {
    if (await within(opened, HANG_MS) === true) return true;
  }
  return false;
}
