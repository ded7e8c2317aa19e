import { VERSION } from "../../base/version.ts";
import type { Implementation } from "../../mcp/era.ts";

/**
 * What the fleet page calls itself when it calls tools. Its calls are known by this very object: any
 * client may call itself so.
 */
export const PAGE_CLIENT: Implementation = { name: "fleet page", version: VERSION };

/** Whether a call is the page's own, and only reads: it is not shown on the page. */
export function isOwnReading(
  { client, tool }: { readonly client: Implementation | null; readonly tool: string },
): boolean {
  return client === PAGE_CLIENT && tool !== "remote_kill";
}
