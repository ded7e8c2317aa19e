import { once } from "node:events";
import type { Server } from "node:net";

/** How often it is tried, 10 ms apart. */
const ATTEMPTS = 1_000;

/**
 * Listens on a port of 127.0.0.1 that was just given up. Another thread's test may start a program at
 * that moment, which has a copy of the socket until it runs: the port is then in use for an instant.
 */
export async function listenAgain(server: Server, port: number): Promise<void> {
  for (let left = ATTEMPTS; !await listens(server, port); left--) {
    if (left === 0) throw new Error(`port ${port} stays in use`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a server listens now; false: the port is in use. */
async function listens(server: Server, port: number): Promise<boolean> {
  server.listen({ host: "127.0.0.1", port });
  try {
    await once(server, "listening");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return false;
    throw error;
  }
}
