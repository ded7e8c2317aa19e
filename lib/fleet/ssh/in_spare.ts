import { within } from "../../base/time/within.ts";
import type { ReadyShell } from "../../shell/ready_shell.ts";
import type { Host } from "../host.ts";
import { destinationOf } from "./command.ts";
import type { KeptConnection, Reuse } from "./reuse.ts";
import {
  notDelivered,
  openSshShell,
  readyMs,
  runInShell,
  type SshCall,
  type SshResult,
  type SshStart,
} from "./run.ts";
import type { Spare, SpareOpening, Spares } from "./spares.ts";

/**
 * How long a spare may take to say once more that it is ready. That is a round trip: even where its
 * first packet is lost, and is sent again after a second, the answer comes in time. A call that waits
 * in vain goes on over a new connection, since with the old one it would wait for all of the connect
 * timeout.
 */
const READY_AGAIN_MS = 2_000;

/** Options of `openSpare()`. */
export interface SpareStart {
  readonly start: SshStart;
  /** null: connections are not reused. */
  readonly reuse: Reuse | null;
  readonly signal: AbortSignal;
}

/** Opens a spare over the connection that a host's calls use. Never rejects for what ssh does. */
export async function openSpare(
  host: Host,
  { start, reuse, signal }: SpareStart,
): Promise<SpareOpening> {
  const connection = await reuse?.current(destinationOf(host)) ?? null;
  if (connection === null || signal.aborted) return { kind: "left" };
  const { directory } = connection;
  const shell = await openSshShell(start, host, { directory, joins: true, signal });
  if (!("kind" in shell)) return { kind: "open", shell, connection };
  if (signal.aborted) return { kind: "left" };
  const isSilent = shell.badConnection === true && shell.exitCode === null;
  return { kind: "failed", isSilent, connection };
}

/**
 * Runs a call in the spare of its destination. null: nothing has run, since there is none, or it did
 * not say in time that it is still ready.
 */
export async function runInSpare(
  call: SshCall,
  { spares, reuse }: { readonly spares: Spares; readonly reuse: Reuse },
): Promise<SshResult | null> {
  const { host, options: { phases, signal } } = call;
  const sshHost = destinationOf(host);
  const spare = spares.take(sshHost);
  if (spare === null) return null;
  phases?.enter("connect");
  const state = await askSpare(spare, {
    isCurrent: (connection) => reuse.isCurrent(sshHost, connection),
    openingMs: readyMs(host),
    signal,
  });
  if (state.kind === "ready") {
    spares.taken++;
    return await runInShell(state.shell, call);
  }
  spares.end(spare);
  if (state.kind === "silent") await reuse.discard(sshHost, state.connection);
  return state.kind === "cancelled" ? notDelivered("cancelled") : null;
}

/** Whether a call can run in a spare. In all but the first case nothing has run, nor will. */
type SpareState =
  | { readonly kind: "ready"; readonly shell: ReadyShell }
  /** It has ended, or was opened over a connection that calls no longer use. */
  | { readonly kind: "gone" }
  /** Nothing is heard over the connection. */
  | { readonly kind: "silent"; readonly connection: KeptConnection }
  /** Nobody waits for the call any more. */
  | { readonly kind: "cancelled" };

interface SpareQuestion {
  readonly isCurrent: (connection: KeptConnection) => Promise<boolean>;
  /** Longest wait for one that is still being opened. */
  readonly openingMs: number;
  readonly signal: AbortSignal;
}

/** Asks a spare whether it is still ready, or waits until it is. */
async function askSpare(
  spare: Spare,
  { isCurrent, openingMs, signal }: SpareQuestion,
): Promise<SpareState> {
  const wasReady = spare.isReady;
  const opened = await within(spare.opened, openingMs, signal);
  if (opened === "cancelled") return { kind: "cancelled" };
  if (opened === "timeout" || opened.kind === "left") return { kind: "gone" };
  const { connection } = opened;
  if (!await isCurrent(connection)) return { kind: "gone" };
  if (opened.kind === "failed") {
    return opened.isSilent ? { kind: "silent", connection } : { kind: "gone" };
  }
  const { shell } = opened;
  if (!wasReady) return { kind: "ready", shell };
  switch (await shell.askAgain({ withinMs: READY_AGAIN_MS, signal })) {
    case "ready":
      return { kind: "ready", shell };
    case "exited":
      return { kind: "gone" };
    case "timeout":
      return { kind: "silent", connection };
    case "cancelled":
      return { kind: "cancelled" };
  }
}
