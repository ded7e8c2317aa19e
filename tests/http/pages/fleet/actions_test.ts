import assert from "node:assert/strict";
import { createFakeView } from "./fake_view.ts";
import { ANN, createTestSite, form, TOKEN } from "./served_site.ts";

const BEARER = { authorization: `Bearer ${ANN}` };
const ACTIONS: readonly (readonly [string, Record<string, string>, unknown])[] = [
  ["/probe", { targets: "web*" }, { probe: "web*" }],
  ["/calls/end", { id: "c1" }, { endCall: "c1" }],
  ["/jobs/end", { host: "web1", id: "j1" }, { endJob: { host: "web1", id: "j1" } }],
];

for (const [path, fields, done] of ACTIONS) {
  Deno.test(`POST ${path} is done for who may, and leads back`, async () => {
    const { ask, fleet, signIn } = createTestSite();
    const { cookie } = await signIn(ANN);
    const response = await ask(path, form({ ...fields, back: "/calls" }, { cookie }));
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/calls"]);
    const json = await ask(path, form(fields, { ...BEARER, accept: "application/json" }));
    assert.deepEqual([json.status, await json.json()], [200, { problem: null }]);
    assert.deepEqual(fleet.done, [done, done]);
    assert.deepEqual(fleet.opened, ["ann", "ann"]);
  });

  Deno.test(`POST ${path} is not done for strangers`, async () => {
    const { ask, fleet } = createTestSite();
    const page = await ask(path, form(fields));
    assert.equal(page.status, 401);
    assert.match(await page.text(), /name="back" value="\/"/);
    const json = await ask(path, form(fields, { accept: "application/json" }));
    assert.deepEqual([json.status, await json.json()], [401, { problem: "Sign in first." }]);
    assert.deepEqual(fleet.done, []);
  });

  Deno.test(`CSRF: POST ${path} is not done for pages of others, whoever visits them`, async () => {
    const { ask, fleet, signIn, accept } = createTestSite();
    const { cookie } = await signIn(TOKEN);
    const others: readonly Record<string, string>[] = [
      { origin: "http://localhost:3000" },
      { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
      { origin: "http://localhost:8090", "sec-fetch-site": "same-site" },
      { origin: "null" },
    ];
    for (const headers of others) {
      assert.equal((await ask(path, form(fields, { ...headers, cookie }))).status, 403);
    }
    const silent = { method: "POST", body: new URLSearchParams(fields), headers: { cookie } };
    assert.equal((await ask(path, silent)).status, 403);
    accept({});
    for (const headers of others) {
      assert.equal((await ask(path, form(fields, headers))).status, 403);
    }
    const foreign = await ask(path, form(fields, { origin: "https://evil.example" }));
    assert.equal(foreign.status, 403);
    assert.deepEqual(fleet.done, []);
    const curl = { method: "POST", body: new URLSearchParams(fields) };
    assert.equal((await ask(path, curl)).status, 303);
    assert.equal(fleet.done.length, 1);
  });
}

for (const [word, verdict] of [["allow", "allowed"], ["deny", "denied"]] as const) {
  Deno.test(`POST /approvals/${word} is done for a person who has signed in, and for no program`, async () => {
    const { ask, fleet, signIn, accept } = createTestSite();
    const path = `/approvals/${word}`;
    const fields = { id: "a1", back: "/" };
    assert.equal((await ask(path, form(fields))).status, 401);
    const bearer = await ask(path, form(fields, { ...BEARER, accept: "application/json" }));
    assert.deepEqual(await bearer.json(), { problem: "sign in on the page first" });
    const { cookie } = await signIn(ANN);
    const elsewhere = { origin: "http://localhost:3000", cookie };
    assert.equal((await ask(path, form(fields, elsewhere))).status, 403);
    assert.equal((await ask(`${path}?id=a1`, { headers: { cookie } })).status, 405);
    assert.deepEqual(fleet.done, []);
    assert.equal((await ask(path, form(fields, { cookie }))).status, 303);
    assert.deepEqual(fleet.done, [{ id: "a1", verdict }]);
    accept({});
    const open = await ask(path, form(fields, { accept: "application/json" }));
    assert.deepEqual(await open.json(), { problem: "sign in on the page first" });
    assert.equal(fleet.done.length, 1);
  });
}

Deno.test("CSRF: no page of others signs its visitors in or out", async () => {
  const { ask, signIn } = createTestSite();
  const { cookie } = await signIn(ANN);
  const elsewhere = { origin: "http://localhost:3000" };
  const signedIn = await ask("/sign-in", form({ token: TOKEN }, elsewhere));
  assert.deepEqual([signedIn.status, signedIn.headers.getSetCookie()], [403, []]);
  assert.equal((await ask("/sign-out", form({}, { ...elsewhere, cookie }))).status, 403);
  assert.equal((await ask("/", { headers: { cookie } })).status, 200);
});

Deno.test("data and events are not for scripts of others", async () => {
  const { ask, signIn, fleet } = createTestSite();
  const { cookie } = await signIn(ANN);
  for (const path of ["/api/match", "/api/hosts/web1", "/api/events"]) {
    for (const site of ["cross-site", "same-site"]) {
      const response = await ask(path, { headers: { cookie, "sec-fetch-site": site } });
      assert.equal(response.status, 403);
    }
  }
  assert.deepEqual(fleet.opened, []);
});

Deno.test("what was not done is said, as a page and as JSON", async () => {
  const { ask } = createTestSite();
  const fields = { id: "other", back: "/calls" };
  const page = await ask("/calls/end", form(fields, BEARER));
  const text = await page.text();
  assert.equal(page.status, 409);
  assert.match(text, /role="alert">that is the call of somebody else</);
  assert.match(text, /<a href="\/calls">/);
  const json = await ask("/calls/end", form(fields, { ...BEARER, accept: "application/json" }));
  assert.deepEqual(await json.json(), { problem: "that is the call of somebody else" });
});

Deno.test("an action is not done whose sender was shut out while the form came", async () => {
  const { ask, accept, fleet } = createTestSite();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (opened) => void (controller = opened) });
  const headers = { ...BEARER, "content-type": "application/x-www-form-urlencoded" };
  const answer = ask("/probe", { method: "POST", body, headers });
  controller?.enqueue(new TextEncoder().encode("targets=web1"));
  accept({ default: TOKEN });
  controller?.close();
  assert.equal((await answer).status, 401);
  assert.deepEqual(fleet.done, []);
});

Deno.test("cookies sign nobody in to /mcp and /metrics", async () => {
  const { ask, signIn } = createTestSite();
  const { cookie } = await signIn(TOKEN);
  for (const path of ["/mcp", "/metrics"]) {
    for (const method of ["GET", "POST"]) {
      const headers = { cookie, "content-type": "application/json" };
      const response = await ask(path, {
        method,
        headers,
        ...method === "POST" ? { body: "{}" } : {},
      });
      assert.equal(response.status, 401, `${method} ${path}`);
    }
  }
});

Deno.test("a session whose token is taken back is over at once", async () => {
  const { ask, signIn, accept } = createTestSite();
  const { cookie } = await signIn(ANN);
  accept({ default: TOKEN });
  assert.equal((await ask("/", { headers: { cookie } })).status, 401);
});

Deno.test("the output of a job is read from an offset, and waited for at most 30 s", async () => {
  const { ask, fleet } = createTestSite();
  const read = (query: string) =>
    ask(`/api/jobs/output?host=web1&id=j1${query}`, { headers: BEARER });
  assert.equal((await (await read("&offset=12&wait=5")).json()).text, "output");
  await read("&wait=1000");
  await read("");
  const wanted = { host: "web1", id: "j1" };
  assert.deepEqual(fleet.done, [
    { ...wanted, offset: 12, waitSeconds: 5 },
    { ...wanted, offset: 0, waitSeconds: 30 },
    { ...wanted, offset: 0, waitSeconds: 0 },
  ]);
  for (const query of ["&offset=-1", "&offset=1.5", "&wait=x", `&offset=${"9".repeat(16)}`]) {
    assert.equal((await read(query)).status, 400, query);
  }
});

/** A view whose job output is waited for until the signal of the visit aborts. */
function createWaitingView() {
  const begun = Promise.withResolvers<AbortSignal>();
  const fleet = createFakeView({
    jobOutput: async (_wanted, signal) => {
      begun.resolve(signal);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      return {
        text: "",
        nextOffset: 0,
        leftOut: 0,
        state: "running",
        exitCode: null,
        problem: null,
      };
    },
  });
  return { fleet, begun: begun.promise };
}

const OUTPUT = "/api/jobs/output?host=web1&id=j1&wait=30";

Deno.test("what waits is ended when the visitor leaves, and when the hub stops", async () => {
  for (const isStop of [false, true]) {
    const { fleet, begun } = createWaitingView();
    const { ask, stop } = createTestSite({ fleet });
    const client = new AbortController();
    const answer = ask(OUTPUT, { headers: BEARER, signal: client.signal });
    const signal = await begun;
    assert.equal(signal.aborted, false);
    (isStop ? stop : client).abort();
    assert.equal(signal.aborted, true);
    await answer;
  }
});

Deno.test("what took long is not given to somebody who was shut out meanwhile", async () => {
  const { fleet, begun } = createWaitingView();
  const { ask, stop, clock, accept } = createTestSite({ fleet });
  const answer = ask(OUTPUT, { headers: BEARER });
  await begun;
  clock.advance(5_000);
  accept({ default: TOKEN });
  stop.abort();
  assert.equal((await answer).status, 401);
});
