import { type AuditTrail, openAuditTrail } from "../audit/trail.ts";
import type { Logger } from "../base/log.ts";
import type { HubSettings } from "../config/settings.ts";
import type { Program } from "../hub/program.ts";

/** Opens a hub's audit trail where its settings say; null: it cannot be opened, as the log says. */
export async function openTrail(
  settings: Pick<HubSettings, "auditPath" | "auditChained" | "auditRequired" | "log">,
  { log, program }: { readonly log: Logger; readonly program: Program },
): Promise<AuditTrail | null> {
  return await openAuditTrail({
    path: settings.auditPath,
    isChained: settings.auditChained,
    isRequired: settings.auditRequired,
    level: settings.log.level,
    log,
    ...program,
  });
}
