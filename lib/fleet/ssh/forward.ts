import type { Spawn } from "../../base/process.ts";
import { messageOf } from "../../base/text/error_text.ts";
import { within } from "../../base/time/within.ts";
import type { Host } from "../host.ts";
import { destinationOf, type SshClient, sshForwardCommand } from "./command.ts";
import { forwardSocket, type SshControl } from "./control.ts";
import type { KeptConnection, Reuse } from "./reuse.ts";
import type { SshResult } from "./run.ts";

/** How long a master may take to listen. */
const REQUEST_MS = 5_000;
/** A connection that does not forward is replaced by a new one, once. */
const ATTEMPTS = 2;

/** A socket of this machine that leads to a port of a host's loopback address. */
export interface Forward {
  readonly kind: "forward";
  readonly path: string;
  readonly key: string;
  readonly destination: string;
  /** The connection through which it leads. */
  readonly connection: KeptConnection;
}

/** Why there is none. Nothing was sent through it. */
export interface ForwardFailure {
  readonly kind: "failed";
  readonly reason: string;
  readonly why: "refused" | "timeout" | "cancelled";
}

/** Who waits for a forwarded port, and how long. */
export interface ForwardWait {
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Ports of hosts that are forwarded through the ssh connections that are kept. */
export interface Forwards {
  /**
   * Forwards a port of a host that has an `sshHost`, unless it is forwarded through the connection
   * that calls over ssh would use. Callers share one attempt; who gives up only stops waiting for it.
   * Whether anything listens there is not known. Never rejects.
   */
  readonly open: (host: Host, port: number, wait: ForwardWait) => Promise<Forward | ForwardFailure>;
  /** Has the next `open()` make one, since this one does not work. */
  readonly drop: (forward: Forward) => void;
  /** Ends what is being opened. */
  readonly close: () => Promise<void>;
}

/** Options of `createForwards()`. */
export interface ForwardsOptions {
  readonly control: SshControl;
  readonly reuse: Reuse;
  readonly client: SshClient;
  readonly spawn: Spawn;
  /** Makes the connection to a host, or shows that the one that is kept works. */
  readonly connect: (host: Host, signal: AbortSignal) => Promise<SshResult>;
}

/** Makes the `Forwards` of connections that are kept. */
export function createForwards(options: ForwardsOptions): Forwards {
  const { reuse, connect } = options;
  const kept = new Map<string, Forward>();
  const openings = new Map<string, Promise<Forward | ForwardFailure>>();
  const closing = new AbortController();

  async function make(host: Host, port: number): Promise<Forward | ForwardFailure> {
    const destination = destinationOf(host);
    let failure = failed("refused", "the ssh connection has ended");
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (closing.signal.aborted) return failed("cancelled", "cancelled");
      if (attempt > 0) reuse.renew(destination);
      const result = await connect(host, closing.signal);
      if (result.kind !== "ran") return failed("refused", result.reason);
      using _output = result.output;
      const forward = await forwardPort({ ...options, destination, port, signal: closing.signal });
      if (forward.kind === "forward") {
        kept.set(forward.key, forward);
        return forward;
      }
      failure = forward;
    }
    return failure;
  }

  function share(host: Host, port: number, key: string): Promise<Forward | ForwardFailure> {
    const known = openings.get(key);
    if (known !== undefined) return known;
    const opening = make(host, port).finally(() => openings.delete(key));
    openings.set(key, opening);
    return opening;
  }

  return {
    open: async (host, port, { withinMs, signal }) => {
      const key = keyOf(destinationOf(host), port);
      const known = kept.get(key);
      if (known !== undefined && await reuse.isCurrent(known.destination, known.connection)) {
        return known;
      }
      const opened = await within(share(host, port, key), withinMs, signal);
      return typeof opened === "string" ? failed(opened, opened) : opened;
    },
    drop: (forward) => {
      if (kept.get(forward.key) === forward) kept.delete(forward.key);
    },
    close: async () => {
      closing.abort();
      await Promise.all(openings.values());
    },
  };
}

/** What there is without a control directory. */
export const NO_FORWARDS: Forwards = {
  open: () =>
    Promise.resolve(failed(
      "refused",
      'an lmcp_url with "ssh:" needs ssh connections that are reused: set LMCP_HUB_CONTROL_DIR',
    )),
  drop: () => {},
  close: () => Promise.resolve(),
};

/** What a port is forwarded with. */
interface ForwardRequest extends ForwardsOptions {
  readonly destination: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Forwards a port through the connection that has just been used. */
async function forwardPort(request: ForwardRequest): Promise<Forward | ForwardFailure> {
  const { control, reuse, destination, port } = request;
  const connection = await reuse.current(destination);
  const [socket, ...others] = await control.masters(destination);
  // With several it is not known which one ssh would use, now that its configuration has changed.
  if (connection === null || socket === undefined || others.length > 0) {
    return failed("refused", "the ssh connection is not kept");
  }
  const path = forwardSocket(connection.directory, port);
  const refusal = await ask(request, { socket, path });
  if (refusal !== null) return failed("refused", `ssh does not forward: ${refusal}`);
  if (!await protect(path)) return failed("refused", "ssh does not forward: it made no socket");
  return { kind: "forward", path, key: keyOf(destination, port), destination, connection };
}

/** Asks a master to listen; returns why it does not, null: it does. */
async function ask(
  { client, spawn, destination, port, signal }: ForwardRequest,
  paths: { readonly socket: string; readonly path: string },
): Promise<string | null> {
  try {
    const child = spawn(sshForwardCommand(client, { destination, port, ...paths }));
    const said = new Response(child.stderr).text();
    const exited = await within(child.exited, REQUEST_MS, signal);
    if (typeof exited === "string") child.kill("SIGKILL");
    const [, text] = await Promise.all([child.exited, said, child.stdout.cancel()]);
    await child.closeInput();
    if (typeof exited === "string") return exited;
    return exited.code === 0 ? null : text.trim() || `exit ${exited.code}`;
  } catch (error) {
    return `cannot start ssh: ${messageOf(error)}`;
  }
}

/** Closes a socket to others, whatever ssh's configuration says; false: there is none. */
async function protect(path: string): Promise<boolean> {
  return await Deno.chmod(path, 0o600).then(() => true, () => false);
}

function keyOf(destination: string, port: number): string {
  return `${destination} ${port}`;
}

function failed(why: ForwardFailure["why"], reason: string): ForwardFailure {
  return { kind: "failed", why, reason };
}
