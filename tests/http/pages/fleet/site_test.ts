import assert from "node:assert/strict";
import { assetPath, ASSETS, ASSETS_TAG } from "../../../../lib/http/pages/fleet/assets.ts";
import { SECURITY_HEADERS } from "../../../../lib/http/pages/fleet/document.ts";
import { createFakeView } from "./fake_view.ts";
import { ANN, createTestSite, form, TOKEN } from "./served_site.ts";

const PAGES = ["/", "/hosts", "/hosts?q=web1&sort=name", "/hosts/web1", "/calls"];
const DATA = ["/api/match?q=web1", "/api/hosts/web1", "/api/hosts/web1/jobs"];
const OUTPUT = "/api/jobs/output?host=web1&id=1";
const FORMS = ["/probe", "/calls/end", "/jobs/end"];
const STYLE_SHEET = assetPath("style.css");
const BEARER = { authorization: `Bearer ${TOKEN}` };

/** The JSON that a page's script begins with. */
function dataOf(text: string) {
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text)?.[1];
  return JSON.parse(json ?? "null");
}

for (const path of PAGES) {
  Deno.test(`${path} is a page for those who have a token or a session, and a form for others`, async () => {
    const { ask, signIn } = createTestSite();
    const { cookie } = await signIn(ANN);
    const stranger = await ask(path);
    assert.equal(stranger.status, 401);
    assert.equal(stranger.headers.get("www-authenticate"), "Bearer");
    assert.match(await stranger.text(), /<form method="post" action="\/sign-in"/);
    for (const headers of [BEARER, { cookie }]) {
      const response = await ask(path, { headers });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
      assert.match(await response.text(), /web1/);
    }
  });
}

for (const path of [...DATA, OUTPUT, "/api/events"]) {
  Deno.test(`${path} asks strangers to sign in, as JSON`, async () => {
    const { ask } = createTestSite();
    const response = await ask(path);
    assert.equal(response.status, 401);
    assert.deepEqual(await response.json(), { problem: "Sign in first." });
  });
}

Deno.test("pages embed what their script begins with, for the one who looks", async () => {
  const { ask, signIn, clock } = createTestSite();
  const { cookie } = await signIn(ANN);
  const overview = dataOf(await (await ask("/", { headers: { cookie } })).text());
  assert.equal(overview.page, "overview");
  assert.equal(overview.overview.now, clock.wall());
  assert.deepEqual(overview.overview.viewer, { name: "ann", isSignedIn: true, isOperator: false });
  assert.equal(overview.overview.hosts.length, 2);
  const hosts = dataOf(
    await (await ask("/hosts?q=web%2A&sort=nonsense", { headers: BEARER })).text(),
  );
  assert.deepEqual([hosts.query, hosts.sort, hosts.match.names], ["web*", "status", ["web*"]]);
  assert.deepEqual(hosts.overview.viewer, { name: "default", isSignedIn: false, isOperator: true });
  const host = dataOf(await (await ask("/hosts/web1", { headers: BEARER })).text());
  assert.deepEqual([host.page, host.detail.row.name, host.detail.viewer.name], [
    "host",
    "web1",
    "default",
  ]);
});

Deno.test("calls come in the order that the address names, those with trouble first by default", async () => {
  const { ask } = createTestSite();
  const orderOf = async (path: string) =>
    dataOf(await (await ask(path, { headers: BEARER })).text()).order;
  assert.equal(await orderOf("/calls?order=time"), "time");
  assert.equal(await orderOf("/calls"), "trouble");
  assert.equal(await orderOf("/calls?order=nonsense"), "trouble");
});

Deno.test("a view is opened for the one who looks, and for no stranger", async () => {
  const { ask, fleet } = createTestSite();
  await ask("/");
  await ask("/", { headers: { authorization: "Bearer wrong" } });
  await ask("/", { headers: { authorization: `Bearer ${ANN}` } });
  assert.deepEqual(fleet.opened, ["ann"]);
});

Deno.test("where nobody needs a token everybody is anonymous, and there is no sign-in", async () => {
  const { ask, accept } = createTestSite();
  accept({});
  const { overview } = dataOf(await (await ask("/")).text());
  assert.deepEqual(overview.viewer, { name: "anonymous", isSignedIn: false, isOperator: true });
  const get = await ask("/sign-in?back=/calls");
  const post = await ask("/sign-in", form({ token: "x", back: "/calls" }));
  for (const response of [get, post]) {
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/calls"]);
    assert.deepEqual(response.headers.getSetCookie(), []);
  }
});

Deno.test("a host that a visitor may not see is one that there is not", async () => {
  const { ask } = createTestSite();
  const page = await ask("/hosts/secret%3Cb%3E", { headers: BEARER });
  assert.equal(page.status, 404);
  assert.match(await page.text(), /There is no host &quot;secret&lt;b>&quot; that you may see\./);
  for (
    const path of ["/api/hosts/none", "/api/hosts/none/jobs", "/api/jobs/output?host=none&id=1"]
  ) {
    const data = await ask(path, { headers: BEARER });
    assert.equal(data.status, 404);
    assert.deepEqual(await data.json(), {
      problem: 'There is no host "none" that you may see.',
    });
  }
});

Deno.test("paths that are nothing of the site are left to the handler", async () => {
  const { ask } = createTestSite();
  const paths = [
    "/x",
    "/hosts/web1/x",
    "/hosts/%E0%A4%A",
    "/assets/none.js",
    "/api",
    "/ASSETS/",
  ];
  for (const path of paths) {
    assert.equal((await ask(path)).status, 401, path);
    const response = await ask(path, { headers: BEARER });
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /Nothing is here/);
  }
});

Deno.test("people who ask for what is not there are answered with a page, or led to what they meant", async () => {
  const { ask } = createTestSite();
  const headers = { accept: "text/html,*/*;q=0.8" };
  for (const path of ["/hosts/web1/x", "/calls/1", "/assets/none.js", "/jobs"]) {
    const response = await ask(path, { headers });
    assert.equal(response.status, 404, path);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(await response.text(), /Nothing is here.*href="\/"/s);
  }
  assert.match(await (await ask("/x", { headers })).text(), /^\{"jsonrpc"/);
  for (const [path, to] of [["/hosts/", "/hosts"], ["/hosts/web1//?q=a", "/hosts/web1?q=a"]]) {
    const response = await ask(path ?? "", { headers });
    assert.deepEqual([response.status, response.headers.get("location")], [303, to]);
  }
});

Deno.test("every answer has the security headers, and none but assets may be kept", async () => {
  const { ask } = createTestSite();
  const answers = await Promise.all([
    ...[...PAGES, ...DATA, OUTPUT, "/sign-in", "/hosts/none", "/api/hosts/none", "/api/jobs/output"]
      .flatMap((
        path,
      ) => [ask(path), ask(path, { headers: BEARER }), ask(path, { method: "HEAD" })]),
    ask("/api/events", { headers: BEARER, method: "HEAD" }),
    ...[...FORMS, "/sign-in", "/sign-out"].flatMap((path) => [
      ask(path, form({})),
      ask(path, form({}, BEARER)),
      ask(path, form({}, { ...BEARER, accept: "application/json" })),
      ask(path, form({}, { origin: "http://localhost:1" })),
      ask(path, { method: "DELETE", headers: BEARER }),
      ask(path, { method: "POST", headers: BEARER, body: "x" }),
    ]),
  ]);
  for (const { url, status, headers } of answers) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      assert.equal(headers.get(name), value, `${status} ${url}: ${name}`);
    }
    assert.equal(headers.get("cache-control"), "no-store", `${status} ${url}`);
  }
  assert.deepEqual(
    new Set(answers.map(({ status }) => status)),
    new Set([200, 303, 400, 401, 403, 404, 405, 415]),
  );
});

Deno.test("assets are for everybody, and are not sent again while they are the same", async () => {
  const { ask } = createTestSite();
  for (const [path, { text, contentType }] of ASSETS) {
    const response = await ask(path);
    assert.equal(await response.text(), text);
    assert.equal(response.headers.get("content-type"), contentType);
    const kept = response.headers.get("cache-control");
    assert.equal(kept, "public, max-age=31536000, immutable");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    const etag = response.headers.get("etag") ?? "";
    assert.equal(etag, `"${ASSETS_TAG}"`);
    for (const tags of [etag, `W/${etag}`, `"x", ${etag}`]) {
      const again = await ask(path, { headers: { "if-none-match": tags } });
      assert.deepEqual([again.status, await again.text()], [304, ""]);
    }
    const other = await ask(path, { headers: { "if-none-match": '"other"' } });
    assert.equal(other.status, 200);
    await other.text();
  }
});

Deno.test("pages name assets below their tag, and other tags have none", async () => {
  const { ask } = createTestSite();
  const text = await (await ask("/", { headers: BEARER })).text();
  const named = [...text.matchAll(/\/assets\/[^"]+/g)].map(([path]) => path);
  assert.ok(named.length > 40, `${named.length}`);
  for (const path of named) assert.ok(ASSETS.has(path), path);
  for (const path of named.map((path) => path.replace(ASSETS_TAG, "0123456789abcdef"))) {
    const response = await ask(path, { headers: { accept: "text/html" } });
    assert.deepEqual([response.status, response.headers.get("cache-control")], [404, "no-store"]);
    await response.text();
  }
});

Deno.test("methods that a path has not are refused with those that it has", async () => {
  const { ask } = createTestSite();
  const cases = [
    ...[...PAGES, ...DATA, "/api/events", STYLE_SHEET].map((path) => [path, "GET, HEAD"]),
    ...[...FORMS, "/sign-out"].map((path) => [path, "POST"]),
    ["/sign-in", "GET, HEAD, POST"],
  ];
  for (const [path = "", allow] of cases) {
    for (const method of ["PUT", "DELETE", "OPTIONS", allow === "POST" ? "GET" : "PATCH"]) {
      const response = await ask(path, { method, headers: BEARER });
      assert.deepEqual(
        [response.status, response.headers.get("allow")],
        [405, allow],
        `${method} ${path}`,
      );
    }
  }
});

Deno.test("strangers are asked to sign in, whatever method they use", async () => {
  const { ask } = createTestSite();
  for (const path of [...PAGES, ...DATA, ...FORMS, "/api/events"]) {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await ask(path, { method });
      assert.deepEqual(
        [response.status, response.headers.get("www-authenticate")],
        [401, "Bearer"],
        `${method} ${path}`,
      );
    }
  }
});

Deno.test("HEAD is answered as GET is, without the content", async () => {
  const { ask } = createTestSite();
  for (const path of [...PAGES, ...DATA, "/sign-in", STYLE_SHEET]) {
    const init = path === "/sign-in" ? {} : { headers: BEARER };
    const [get, head] = await Promise.all([
      ask(path, init),
      ask(path, { ...init, method: "HEAD" }),
    ]);
    assert.equal(await head.text(), "");
    assert.equal(head.status, get.status);
    assert.deepEqual([...head.headers], [...get.headers], path);
    await get.text();
  }
});

Deno.test("what goes wrong in the server is logged, and shown to nobody", async () => {
  const bug = new TypeError("canary");
  const snapshot = () => {
    throw bug;
  };
  const { ask, bugs } = createTestSite({ fleet: createFakeView({ snapshot }) });
  const response = await ask("/", { headers: BEARER });
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /canary/);
  assert.deepEqual(bugs, [bug]);
});

Deno.test("texts of the page and its data cannot become markup", async () => {
  const fleet = createFakeView();
  fleet.change({
    problems: ["</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"],
  });
  const { ask } = createTestSite({ fleet });
  const text = await (await ask("/hosts?q=%3C/script%3E%3Cimg%20src=x%3E", { headers: BEARER }))
    .text();
  const data = dataOf(text);
  assert.equal(data.query, "</script><img src=x>");
  assert.match(data.overview.problems[0], /^<\/script><script>/);
  assert.doesNotMatch(text, /<img|<script>alert|<!--/);
});

Deno.test("a target expression of a URL may have 4,096 characters", async () => {
  const { ask } = createTestSite();
  const match = async (length: number) =>
    (await (await ask(`/api/match?q=${"x".repeat(length)}`, { headers: BEARER })).json()).kind;
  assert.deepEqual([await match(4_096), await match(4_097)], ["hosts", "problem"]);
});
