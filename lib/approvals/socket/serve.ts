import { basename } from "node:path";
import type { Clock } from "../../base/time/clock.ts";
import type { ApprovalGate } from "../gate.ts";
import { acceptConnections } from "./accept.ts";
import { askedSchema, type HubAnswer, type OperatorRequest } from "./messages.ts";
import { findSockets, isOwnSocketName } from "./names.ts";
import { readLine, writeLine } from "./read_line.ts";

/** What one connection may send, and how long it may take. */
const MAX_REQUEST_BYTES = 4_096;
const MAX_MS = 10_000;
/** Connections at once: more are closed. */
const MAX_CONNECTIONS = 16;

/** Options of `serveApprovals()`. */
export interface ServeOptions {
  readonly path: string;
  readonly gate: Pick<ApprovalGate, "waiting" | "decide">;
  readonly clock: Pick<Clock, "after">;
}

/** A socket on which operators answer; it is gone when this is closed. */
export interface ApprovalSocket {
  readonly close: () => Promise<void>;
}

/**
 * Serves a Unix socket of mode 0600, in a directory that is its user's alone. Throws an `Error` if
 * another hub serves it, or something else is in its place; what a hub has left is replaced.
 */
export async function serveApprovals({ path, gate, clock }: ServeOptions): Promise<ApprovalSocket> {
  await removeLeft(path);
  const listener = Deno.listen({ transport: "unix", path });
  await Deno.chmod(path, 0o600);
  const { ino } = await Deno.lstat(path);
  const open = new Set<Deno.UnixConn>();
  const closing = new AbortController();
  const answering = answerAll(listener, { open, gate, clock, closing: closing.signal });
  return {
    close: async () => {
      closing.abort();
      listener.close();
      for (const connection of open) close(connection);
      await answering;
      // Another hub's, by now, it may be.
      const info = await Deno.lstat(path).catch(() => null);
      if (info?.ino === ino) await Deno.remove(path).catch(() => {});
    },
  };
}

/** Removes the sockets in a directory of hubs on standard streams that were killed. Never rejects. */
export async function removeKilled(directory: string): Promise<void> {
  const paths = await findSockets(directory).catch(() => []);
  for (const path of paths.filter((path) => isOwnSocketName(basename(path)))) {
    await removeLeft(path).catch(() => {});
  }
}

async function removeLeft(path: string): Promise<void> {
  const info = await Deno.lstat(path).catch(() => null);
  if (info === null) return;
  if (info.isSocket !== true) throw new Error(`Cannot serve "${path}": it is no socket`);
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await Deno.remove(path);
    return;
  }
  throw new Error(
    `Cannot serve "${path}": another hub does, so give this one a LMCP_HUB_CONTROL_DIR of its own`,
  );
}

interface Serving extends Pick<ServeOptions, "gate" | "clock"> {
  readonly open: Set<Deno.UnixConn>;
  readonly closing: AbortSignal;
}

/** Resolves when the last one that was accepted has been answered. */
async function answerAll(listener: Deno.UnixListener, serving: Serving): Promise<void> {
  const { open, clock, closing: signal } = serving;
  const answering = new Set<Promise<void>>();
  await acceptConnections(listener, {
    clock,
    signal,
    onConnection: (connection) => {
      // One can still come when the listener is closed.
      if (signal.aborted || open.size >= MAX_CONNECTIONS) return close(connection);
      const answered = answer(connection, serving).finally(() => answering.delete(answered));
      answering.add(answered);
    },
  });
  await Promise.all(answering);
}

/** Never rejects: whoever has asked sees that there is no answer. */
async function answer(
  connection: Deno.UnixConn,
  { open, gate, clock }: Serving,
): Promise<void> {
  open.add(connection);
  const cancel = clock.after(MAX_MS, () => close(connection));
  try {
    const text = await readLine(connection, MAX_REQUEST_BYTES);
    if (text === null) return;
    const request: unknown = JSON.parse(text);
    await writeLine(connection, await answerTo(askedSchema.parse(request), gate));
  } catch {
    // It is not one of ours, or has gone.
  } finally {
    cancel();
    open.delete(connection);
    close(connection);
  }
}

async function answerTo(
  request: OperatorRequest,
  gate: ServeOptions["gate"],
): Promise<HubAnswer> {
  if (request.do === "list") {
    const approvals = (await gate.waiting()).map(({ id, shown, askedAt, expiresAt }) => (
      { id, shown, asked_at: askedAt, expires_at: expiresAt }
    ));
    return { kind: "waiting", approvals };
  }
  const verdict = request.do === "approve" ? "allowed" : "denied";
  const decided = await gate.decide(request.id, { verdict, by: request.by });
  switch (decided.kind) {
    case "unknown":
      return { kind: "unknown" };
    case "before": {
      const { state, decidedBy: by } = decided.approval;
      return { kind: "before", state, by };
    }
    case "decided":
      return { kind: verdict, shown: decided.approval.shown };
  }
}

function close(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
