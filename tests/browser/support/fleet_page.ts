import type { Locator, Page } from "playwright-core";
import { until } from "../../processes.ts";
import type { Caller } from "./fleet.ts";

/** How long a page may take to show what has happened. */
const PATIENCE_MS = 20_000;

/** Opens the form that asks for a token, sends it, and waits until it was accepted. */
export async function signIn(page: Page, caller: Caller): Promise<void> {
  await page.goto("/sign-in");
  await sendToken(page, caller);
  await page.getByRole("button", { name: "Sign out" }).waitFor({ timeout: PATIENCE_MS });
}

/** Sends a token with the form that is open. The answer may come later. */
export async function sendToken(page: Page, { token }: Caller): Promise<void> {
  await tokenField(page).fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Where a token is typed in. */
export function tokenField(page: Page): Locator {
  return page.getByLabel("Token");
}

/** Where a target expression is typed in. */
export function filterField(page: Page): Locator {
  return page.getByRole("searchbox");
}

/** The row of a table that is about a host, a call or a job. */
export function rowWith(page: Page, text: string): Locator {
  return page.getByRole("row").filter({ hasText: text });
}

/** The names of the hosts that a page shows by now, from top to bottom: none as it is opened. */
export async function shownHosts(page: Page): Promise<string[]> {
  return await page.locator(".hosts tbody th:visible").allInnerTexts();
}

/** Waits until a page is kept up to date. */
export async function untilLive(page: Page): Promise<void> {
  await untilShown(page.locator(".contact"), "live");
}

/** Waits until a page has a text. */
export async function untilShown(within: Page | Locator, text: string | RegExp): Promise<void> {
  await within.getByText(text).filter({ visible: true }).first().waitFor({ timeout: PATIENCE_MS });
}

/** Waits until something read from a page is as a test expects it; throws what it was at last. */
export async function untilIs<T>(read: () => Promise<T>, expected: T): Promise<void> {
  const wanted = JSON.stringify(expected);
  let last = "";
  try {
    await until(async () => (last = JSON.stringify(await read())) === wanted, PATIENCE_MS);
  } catch (cause) {
    throw new Error(`Expected ${wanted}, and it was ${last}`, { cause });
  }
}
