import type { Page } from "playwright-core";

/** Where pictures of pages are put; null: none are taken. */
export const PICTURES = Deno.env.get("LMCP_TEST_SCREENSHOTS") ?? null;

/** Takes a picture of what a page shows without scrolling, if somebody wants to see it. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES !== null) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}
