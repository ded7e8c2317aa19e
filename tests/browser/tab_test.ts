import assert from "node:assert/strict";
import { type RunningChromium, startChromium } from "./support/chromium.ts";
import { startFleet } from "./support/fleet.ts";
import { inChromium } from "./support/in_chromium.ts";
import { openTab } from "./support/tab.ts";

inChromium("Chromium shows what the hub serves", async (chromium) => {
  await using fleet = await startFleet();
  await using tab = await openTab(chromium, fleet);
  await tab.page.goto("/healthz");
  assert.equal(await tab.page.innerText("body"), "ok\n");
});

inChromium("nothing is left of a Chromium that was disposed of", async () => {
  let seen: RunningChromium;
  let profile: string;
  {
    await using chromium = await startChromium();
    seen = chromium;
    const [pid] = await seen.findProcesses();
    const args = (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split(/[\0 ]/);
    profile = args.find((arg) => arg.startsWith("--user-data-dir="))?.split("=")[1] ?? "";
    for (const directory of [seen.directory, profile]) await Deno.stat(directory);
  }
  assert.deepEqual(await seen.findProcesses(), []);
  for (const directory of [seen.directory, profile]) {
    await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
  }
});

/** What a browser complains of, and a page that makes it do so. */
const COMPLAINTS: readonly (readonly [string, RegExp, string])[] = [
  ["an error on the console", /error: oops/, "<script nonce=n>console.error('oops')</script>"],
  ["a warning on the console", /warning: hm/, "<script nonce=n>console.warn('hm')</script>"],
  ["an uncaught error", /uncaught: .*oops/, "<script nonce=n>throw new Error('oops')</script>"],
  ["a rejection", /uncaught: .*oops/, "<script nonce=n>Promise.reject(new Error('oops'))</script>"],
  ["a script that the CSP forbids", /Content Security Policy/, "<script>1</script>"],
  ["a style that the CSP forbids", /Content Security Policy/, "<p style='color:red'>"],
  ["an image from elsewhere", /foreign: http:/, "<img src=//localhost/a.png>"],
  ["a response with an error status", /status of 404/, "<img src=/missing.png>"],
];

inChromium("a tab fails its test on what the browser complains of", async (chromium) => {
  for (const [what, complaint, body] of COMPLAINTS) {
    await using site = startSite(body);
    const visit = async (expected: readonly RegExp[]) => {
      await using tab = await openTab(chromium, site);
      expected.forEach(tab.expect);
      await tab.page.goto("/");
    };
    await assert.rejects(visit([]), (error) => complaint.test(String(error)), what);
    await visit([complaint, /./]);
  }
  await using site = startSite("");
  const visit = async () => {
    await using tab = await openTab(chromium, site);
    tab.expect(/error/);
    await tab.page.goto("/");
  };
  await assert.rejects(visit(), /No such complaint/);
});

/** A site with a strict CSP. */
function startSite(body: string): { readonly origin: string } & AsyncDisposable {
  const headers = {
    "content-type": "text/html",
    "content-security-policy": "default-src 'none'; script-src 'nonce-n'; img-src *",
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const isMissing = new URL(url).pathname === "/missing.png";
    return new Response(`<!doctype html>${body}`, { status: isMissing ? 404 : 200, headers });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
