import assert from "node:assert/strict";
import { ASSETS } from "../../../lib/http/pages/fleet/assets.ts";
import { findRoute } from "../../../lib/http/pages/fleet/routes.ts";
import { createLazySite } from "../../../lib/hub/page/lazy_site.ts";
import { hostTable, INBOUND, openViewLab } from "./view_lab.ts";

const ORIGIN = "http://127.0.0.1:8090";
const PAGES = ["/", "/hosts", "/hosts/a", "/calls", "/sign-in"];
const ACTIONS = ["/sign-in", "/sign-out", "/probe", "/calls/end", "/jobs/end"];
const DATA = ["/api/events", "/api/match", "/api/jobs/output", "/api/hosts/a", "/api/hosts/a/jobs"];
const OTHERS = ["/mcp", "/healthz", "/metrics", "/hostsx", "/nothing", "//", "/favicon.ico"];

async function openSite() {
  const lab = await openViewLab({ registry: hostTable("a", { ssh_host: "a" }) });
  const log = { info() {}, error() {} };
  const { linkTo, prober } = lab.hub;
  const lazy = createLazySite({
    calls: lab.server.calls,
    ...lab,
    fleet: { linkTo, prober },
    authenticate: (request) => lab.state().authenticate(request),
    log,
  });
  const bugs: unknown[] = [];
  const site = lazy.create({
    clock: lab.clock,
    allowedHosts: [],
    onDenied: () => {},
    holdGuess: () => null,
    onBug: (error) => bugs.push(error),
    stop: new AbortController().signal,
  });
  const ask = (path: string) => {
    const headers = { host: "127.0.0.1:8090", authorization: `Bearer ${INBOUND}` };
    const info = { completed: Promise.resolve() };
    return site(new Request(`${ORIGIN}${path}`, { headers }), path, info);
  };
  return {
    ask,
    bugs,
    [Symbol.asyncDispose]: async () => {
      await lazy.close();
      await lab[Symbol.asyncDispose]();
    },
  };
}

Deno.test("the lazy site leaves all other paths alone, before and after it was loaded", async () => {
  await using site = await openSite();
  const others = () => OTHERS.map(site.ask);
  assert.deepEqual(others(), OTHERS.map(() => null));
  await (await site.ask("/"))?.body?.cancel();
  assert.deepEqual(others(), OTHERS.map(() => null));
});

Deno.test("the lazy site is loaded for the first request, and answers it", async () => {
  await using site = await openSite();
  const [first, second] = await Promise.all([site.ask("/"), site.ask("/hosts/a")]);
  for (const page of [first, second, await site.ask("/hosts")]) {
    assert.equal(page?.status, 200);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(await page.text(), /<title>/);
  }
  const nothing = await site.ask("/api/nothing");
  assert.ok(nothing === null || nothing.status === 404);
  assert.deepEqual(site.bugs, []);
});

Deno.test("the lazy site knows each path of the site before that is loaded", async () => {
  for (const path of [...PAGES, ...ACTIONS, ...DATA, ...ASSETS.keys()]) {
    assert.notEqual(findRoute(path), null, path);
    await using site = await openSite();
    const answer = await site.ask(path);
    assert.notEqual(answer, null, path);
    await answer?.body?.cancel();
  }
});
