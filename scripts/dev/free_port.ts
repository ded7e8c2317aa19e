/** Below those that Linux and macOS choose for whoever asks for any port, which could be given away. */
export const PORTS = { first: 10_240, last: 32_767 } as const;

/** A port of 127.0.0.1 on which nothing listens now, and which the system gives to nobody. */
export function freePort(): number {
  for (;;) {
    const port = anyPort();
    if (isFree(port)) return port;
  }
}

/** One of `PORTS`, free or not. */
export function anyPort(): number {
  return PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first + 1));
}

/** Whether nothing listens on a port of 127.0.0.1 now. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
