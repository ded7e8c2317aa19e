import type { HubSettings } from "../config.ts";
import { createAudit } from "../ops/audit.ts";
import { openAuditFile } from "../ops/audit_file.ts";
import type { FinishedCall } from "../ops/finished_call.ts";
import { type Append, createLineWriter } from "../ops/line_writer.ts";
import type { Logger } from "../ops/log.ts";
import { createRedact, type Redact } from "../ops/redact.ts";
import type { Configuration } from "./configuration.ts";
import type { Program } from "./program.ts";

/** Characters that may wait to be written while a disk is slow. */
const MAX_PENDING = 16 * 1024 * 1024;

/** Where calls are written down: a file, standard error, or nowhere. */
export interface AuditTrail {
  readonly tell: (call: FinishedCall, redact: Redact) => void;
  /** Lines that could not be written. */
  readonly lost: () => number;
  /** Writes what is left. */
  readonly close: () => Promise<void>;
}

/** What `openAuditTrail()` needs. */
export interface AuditTrailOptions {
  readonly settings: Pick<HubSettings, "auditPath" | "log">;
  readonly log: Logger;
  readonly program: Program;
}

/** Where lines go, and what ends that. */
interface Destination {
  readonly append: Append;
  readonly close: () => void;
}

/**
 * Opens the file that the settings name; without one, lines go to standard error, as far as the log
 * tells what is not a warning. Null: the file cannot be opened, which is told on standard error.
 */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail | null> {
  const { settings, log, program } = options;
  const isQuiet = settings.log.level !== "info" && settings.log.level !== "debug";
  if (settings.auditPath === null && isQuiet) return SILENT;
  const destination = await openDestination(settings.auditPath, program);
  if (destination === null) return null;
  const writer = createLineWriter({
    append: destination.append,
    maxPending: MAX_PENDING,
    onFailure: (error) => log.error("audit lines are being lost", { error }),
    onRecovery: (lost) => log.warn("audit lines are written again", { lost }),
  });
  return {
    tell: createAudit({ write: writer.write, now: () => new Date() }),
    lost: writer.lost,
    close: async () => {
      await writer.flushed();
      destination.close();
    },
  };
}

/** A function that hides all tokens of a configuration. */
export function redactOf({ settings, registry }: Configuration): Redact {
  const owners = [settings, ...registry.hosts.values(), ...registry.clients.values()];
  return createRedact(owners.flatMap(({ token }) => token ?? []));
}

const SILENT: AuditTrail = { tell: () => {}, lost: () => 0, close: () => Promise.resolve() };

async function openDestination(path: string | null, program: Program): Promise<Destination | null> {
  if (path === null) {
    const append = (text: string) => Promise.try(() => program.stderr(text.trimEnd()));
    return { append, close: () => {} };
  }
  try {
    const file = await openAuditFile(path, () => performance.now());
    const unsubscribe = program.onReload(file.reopen);
    return {
      append: file.append,
      close: () => {
        unsubscribe();
        file.close();
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    program.stderr(`Cannot open audit file "${path}": ${reason}`);
    return null;
  }
}
