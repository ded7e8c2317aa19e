import type { SoakCall } from "./calls.ts";

/** Calls that ran although no line of the audit trail names them. */
export async function findUnaudited(
  ran: readonly SoakCall[],
  auditPath: string,
): Promise<readonly SoakCall[]> {
  const text = await Deno.readTextFile(auditPath);
  const named = new Set(text.match(/nonce[0-9a-f]{32}/g));
  return ran.filter(({ nonce }) => !named.has(nonce));
}
