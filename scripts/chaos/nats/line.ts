/** The way of one program to the broker. */
export interface Line extends AsyncDisposable {
  /** Where the program connects, on 127.0.0.1. */
  readonly port: number;
  /** Breaks its connections, and lets it make none. */
  readonly cut: () => void;
  /** Carries nothing more, and says so to nobody. */
  readonly stall: () => void;
  /** Works again, and carries what was held back. */
  readonly mend: () => void;
}

/** Opens a line to a port of 127.0.0.1. */
export function openLine(port: number): Line {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const carried = new Set<Promise<unknown>>();
  let isCut = false;
  let stalled = Promise.withResolvers<void>();
  stalled.resolve();

  async function carryOneWay(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const writer = to.writable.getWriter();
    for await (const bytes of from.readable) {
      await stalled.promise;
      await writer.write(bytes);
    }
  }

  async function carry(near: Deno.Conn): Promise<void> {
    connections.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
    if (far !== null) {
      connections.add(far);
      if (isCut) close(far);
      const ways = [carryOneWay(near, far), carryOneWay(far, near)];
      await Promise.race(ways).catch(() => {});
      close(far);
      close(near);
      await Promise.allSettled(ways);
    }
    close(near);
  }

  function close(connection: Deno.Conn): void {
    if (!connections.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Its other side has closed it.
    }
  }

  function closeAll(): void {
    for (const connection of connections) close(connection);
  }

  const accepting = (async () => {
    for await (const near of listener) {
      if (isCut) {
        near.close();
        continue;
      }
      const carrying: Promise<unknown> = carry(near).finally(() => carried.delete(carrying));
      carried.add(carrying);
    }
  })();

  const mend = () => {
    isCut = false;
    stalled.resolve();
  };
  return {
    port: listener.addr.port,
    cut: () => {
      isCut = true;
      closeAll();
    },
    stall: () => {
      stalled = Promise.withResolvers();
    },
    mend,
    [Symbol.asyncDispose]: async () => {
      mend();
      listener.close();
      await accepting;
      closeAll();
      await Promise.all(carried);
    },
  };
}
