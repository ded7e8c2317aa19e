import type { Socket } from "node:net";
import {
  type ConnectionOptions,
  type NatsConnection as Client,
  NatsConnectionImpl,
  setTransportFactory,
} from "@nats-io/transport-node";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/** The client's own options, and what ends an attempt to connect. */
export interface QuietOptions extends ConnectionOptions {
  readonly ending: AbortSignal;
}

/** Connects to NATS, as the client's own `connect()` does; later errors of its sockets are harmless. */
export async function connectClient(options: QuietOptions): Promise<Client> {
  setTransportFactory({ factory: () => new QuietTransport(), dnsResolveFn: nodeResolveHost });
  return await NatsConnectionImpl.connect(options);
}

/**
 * The client removes all listeners of a socket before it destroys it. Under Deno a reset that comes
 * then is still an `error` event, and one that nobody listens for is an uncaught exception.
 */
class QuietTransport extends NodeTransport {
  #isGivenUp = false;

  /** A server that says nothing is not waited for by a program that stops. */
  override async connect(...[place, options]: Parameters<NodeTransport["connect"]>): Promise<void> {
    const ending = endingOf(options);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = () => reject(new Error("nobody waits for the connection any more"));
    ending?.addEventListener("abort", end);
    if (ending?.aborted) end();
    try {
      await Promise.race([ended, ...ending?.aborted ? [] : [super.connect(place, options)]]);
    } finally {
      ending?.removeEventListener("abort", end);
    }
  }

  /** The client forgets the socket of a server that has said nothing in time, and leaves it open. */
  override async close(error?: Error): Promise<void> {
    this.#isGivenUp = true;
    if (!this.connected) this.socket?.destroy();
    await super.close(error);
  }

  override async dial(place: Parameters<NodeTransport["dial"]>[0]): Promise<Socket> {
    const socket = keepListening(await super.dial(place));
    if (this.#isGivenUp) socket.destroy();
    return socket;
  }

  override async startTLS(): ReturnType<NodeTransport["startTLS"]> {
    return keepListening(await super.startTLS());
  }
}

function endingOf(options: ConnectionOptions): AbortSignal | null {
  return "ending" in options && options.ending instanceof AbortSignal ? options.ending : null;
}

function keepListening<S extends Socket>(socket: S): S {
  const removeAllListeners = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...events) => {
    removeAllListeners(...events);
    return socket.on("error", () => {});
  };
  return socket;
}
