import assert from "node:assert/strict";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { RunningChromium } from "./chromium.ts";

/** How a tab differs from a plain one. */
export interface TabOptions
  extends Pick<BrowserContextOptions, "colorScheme" | "viewport" | "javaScriptEnabled"> {
  /** The hub's, such as `http://127.0.0.1:8090`. Requests to any other fail the test. */
  readonly origin: string;
}

/** A page with cookies of its own. Disposed of, it fails the test if the browser had to complain. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /**
   * Lets the browser complain like this; that it never does so fails the test, too. Chromium writes
   * each response with an error status and each lost connection to the console.
   */
  readonly expect: (complaint: RegExp) => void;
  /** Lets the browser complain like this, where it depends on what comes first whether it does. */
  readonly allow: (complaint: RegExp) => void;
}

/** How long a page may take to be as a test expects it. */
const PATIENCE_MS = 20_000;

/** Opens a tab without anything in it. */
export async function openTab(
  { browser }: Pick<RunningChromium, "browser">,
  { origin, ...options }: TabOptions,
): Promise<Tab> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints = collectComplaints(context, origin);
  const expected: RegExp[] = [];
  const allowed: RegExp[] = [];
  return {
    page: await context.newPage(),
    expect: (complaint) => expected.push(complaint),
    allow: (complaint) => allowed.push(complaint),
    [Symbol.asyncDispose]: async () => {
      await context.close();
      const isExpected = (text: string) =>
        [...expected, ...allowed].some((pattern) => pattern.test(text));
      assert.deepEqual(complaints.filter((text) => !isExpected(text)), []);
      const isMet = (pattern: RegExp) => complaints.some((text) => pattern.test(text));
      const missing = expected.filter((pattern) => !isMet(pattern));
      assert.equal(missing.length, 0, `No such complaint: ${missing.join(", ")}`);
    },
  };
}

/** Errors on the console (a violation of the page's CSP is one), in scripts, and foreign requests. */
function collectComplaints(context: BrowserContext, origin: string): readonly string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    const { url } = message.location();
    if (message.type() !== "error" && message.type() !== "warning") return;
    // Chromium looks for it by itself, some time, where a document names no icon.
    if (url === `${origin}/favicon.ico`) return;
    complaints.push(`${message.type()}: ${message.text()} (${url})`);
  });
  context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().stack}`));
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`foreign: ${request.url()}`);
  });
  return complaints;
}
