import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { serveSite } from "../http/pages/fleet/tcp_site.ts";
import { TOKEN } from "../http/pages/fleet/served_site.ts";
import { inChromium } from "./support/in_chromium.ts";

/** A server of somebody else on this machine, whose page has a link to the hub and a form for it. */
function serveOther(hub: string): { readonly port: number } & AsyncDisposable {
  const page = `<!doctype html><title>other</title>
<a href="${hub}/hosts?q=web1">link</a>
<form method="post" action="${hub}/probe"><input name="targets" value="web1"><button>Send</button></form>`;
  const headers = { "content-type": "text/html" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(page, { headers }),
  );
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function signIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/calls`);
  await page.fill("#token", TOKEN);
  await page.press("#token", "Enter");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

inChromium(
  "a browser that is signed in acts for no page of others, and follows their links",
  async ({ browser }) => {
    await using site = await serveSite();
    // To the browser, all ports of localhost are one site, and 127.0.0.1 is another one.
    const hub = `http://localhost:${new URL(site.origin).port}`;
    await using other = serveOther(hub);
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await signIn(page, hub);
      for (const name of ["localhost", "127.0.0.1"]) {
        await page.goto(`http://${name}:${other.port}/`);
        await page.click("button");
        await page.waitForURL(`${hub}/probe`);
        assert.match(await page.innerText("body"), /made this request/);
        await page.goto(`http://${name}:${other.port}/`);
        await page.click("a");
        await page.waitForURL(`${hub}/hosts?q=web1`);
        await page.waitForSelector("table");
      }
      assert.deepEqual(site.fleet.done, []);
    } finally {
      await context.close();
    }
  },
);
