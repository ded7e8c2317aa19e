import assert from "node:assert/strict";
import { ANN, cookiesOf, createTestSite, form, type TestSite, TOKEN } from "./served_site.ts";

const JSON_ONLY = { accept: "application/json" };

/** The names that whoever has this header has, as the page has it; null: must sign in. */
async function nameOf({ ask }: Pick<TestSite, "ask">, headers: Record<string, string>) {
  const response = await ask("/api/hosts/web1", { headers });
  const { viewer } = await response.json();
  return response.status === 200 ? viewer.name : null;
}

Deno.test("the sign-in form has labels, says what went wrong, and repeats no token", async () => {
  const { ask } = createTestSite();
  const fresh = await (await ask("/sign-in?back=/calls")).text();
  assert.match(fresh, /<label for="token">/);
  assert.match(fresh, /<input[^>]* id="token"[^>]*>/);
  for (const attribute of [/type="password"/, /autocomplete="current-password"/, /required/]) {
    assert.match(fresh, attribute);
  }
  assert.match(fresh, /<input type="hidden" name="back" value="\/calls"/);
  assert.doesNotMatch(fresh, /role="alert"|<script/);
  const wrong = await ask("/sign-in", form({ token: "canary-token", back: "/calls" }));
  const text = await wrong.text();
  assert.equal(wrong.status, 401);
  assert.match(text, /role="alert">This token is not accepted\.</);
  assert.match(text, /name="back" value="\/calls"/);
  assert.doesNotMatch(text + JSON.stringify([...wrong.headers]), /canary/);
  assert.deepEqual(wrong.headers.getSetCookie(), []);
});

Deno.test("a right token signs in, and leads back to where one came from", async () => {
  const site = createTestSite();
  const response = await site.ask("/sign-in", form({ token: ` ${ANN}\n`, back: "/hosts?q=web1" }));
  assert.deepEqual([response.status, response.headers.get("location")], [303, "/hosts?q=web1"]);
  const [session = "", known = ""] = response.headers.getSetCookie();
  assert.match(session, /^lmcp_hub_session_8090=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.match(
    known,
    /^lmcp_hub_known_8090=[\w-]{43}; .*HttpOnly; SameSite=Strict; Max-Age=7776000$/,
  );
  const cookie = cookiesOf(response);
  assert.equal(await nameOf(site, { cookie }), "ann");
  assert.doesNotMatch(JSON.stringify([...response.headers]), new RegExp(ANN));
  const again = await site.ask("/sign-in", { headers: { cookie } });
  assert.deepEqual([again.status, again.headers.get("location")], [303, "/"]);
  assert.deepEqual(site.denied, []);
});

Deno.test("who follows a link of another site, and so sends no cookie, is led on by the form", async () => {
  const { ask, signIn } = createTestSite();
  const { cookie } = await signIn(ANN);
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  const form = await ask("/hosts?q=a%26b", { headers: link });
  assert.equal(form.status, 401);
  const [, url = ""] = /^0; url=(.*)$/.exec(form.headers.get("refresh") ?? "") ?? [];
  const back = await ask(url, { headers: { cookie } });
  assert.deepEqual([back.status, back.headers.get("location")], [303, "/hosts?q=a%26b"]);
  const stranger = await ask(url);
  assert.deepEqual([stranger.status, stranger.headers.get("refresh")], [200, null]);
  assert.equal((await ask("/hosts")).headers.get("refresh"), null);
});

Deno.test("a browser that is known is not let in by that alone", async () => {
  const site = createTestSite();
  const { cookie } = await site.signIn(ANN);
  const known = /lmcp_hub_known_8090=[^;]*/.exec(cookie)?.[0] ?? "";
  const id = known.split("=")[1];
  for (const cookie of [known, `lmcp_hub_session_8090=${id}`]) {
    assert.equal(await nameOf(site, { cookie }), null);
  }
});

Deno.test("over HTTPS the cookies are the browser's secret, by name and by attribute", async () => {
  const site = createTestSite();
  const proxied = { "x-forwarded-proto": "https", origin: "https://localhost:8090" };
  const response = await site.ask("/sign-in", form({ token: ANN }, proxied));
  for (const cookie of response.headers.getSetCookie()) {
    assert.match(
      cookie,
      /^__Host-lmcp_hub_.*; Path=\/; HttpOnly; SameSite=Strict; Secure(; Max-Age=\d+)?$/,
    );
  }
  const cookie = cookiesOf(response);
  assert.equal(await nameOf(site, { cookie, "x-forwarded-proto": "https" }), "ann");
  const plain = cookie.replaceAll("__Host-", "");
  assert.equal(await nameOf(site, { cookie: plain, "x-forwarded-proto": "https" }), null);
});

Deno.test("session fixation: who signs in gets a session of their own, and an older one ends", async () => {
  const site = createTestSite();
  const attacker = await site.signIn(ANN);
  const planted = attacker.cookie.split(";")[0] ?? "";
  const response = await site.ask("/sign-in", form({ token: TOKEN }, { cookie: planted }));
  const cookie = cookiesOf(response);
  assert.notEqual(cookie.split(";")[0], planted);
  assert.equal(await nameOf(site, { cookie }), "default");
  assert.equal(await nameOf(site, { cookie: planted }), null);
});

Deno.test("signing out ends the session, not only its cookie, and no other", async () => {
  const site = createTestSite();
  const [own, other] = [await site.signIn(ANN), await site.signIn(ANN)];
  const response = await site.ask("/sign-out", form({}, own));
  assert.deepEqual([response.status, response.headers.get("location")], [303, "/sign-in"]);
  assert.deepEqual(response.headers.getSetCookie(), [
    "lmcp_hub_session_8090=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
  ]);
  assert.equal(await nameOf(site, own), null);
  assert.equal(await nameOf(site, other), "ann");
});

Deno.test("scripts sign in and out with JSON as an answer", async () => {
  const site = createTestSite();
  const right = await site.ask("/sign-in", form({ token: ANN }, JSON_ONLY));
  assert.deepEqual([right.status, await right.json()], [200, { problem: null }]);
  const cookie = cookiesOf(right);
  const wrong = await site.ask("/sign-in", form({ token: "x" }, JSON_ONLY));
  assert.deepEqual([wrong.status, await wrong.json()], [401, {
    problem: "This token is not accepted.",
  }]);
  const out = await site.ask("/sign-out", form({}, { ...JSON_ONLY, cookie }));
  assert.deepEqual([out.status, await out.json()], [200, { problem: null }]);
  assert.equal(await nameOf(site, { cookie }), null);
});

Deno.test("wrong tokens are reported as those of /mcp are, and nothing else of the page is", async () => {
  const { ask, denied } = createTestSite();
  await ask("/");
  await ask("/api/match", { headers: { cookie: "lmcp_hub_session_8090=forged" } });
  assert.deepEqual(denied, []);
  await ask("/sign-in", form({ token: "wrong" }));
  await ask("/hosts", { headers: { authorization: "Bearer wrong" } });
  assert.deepEqual(denied, [["/sign-in", { hadToken: true }], ["/hosts", undefined]]);
});

Deno.test("rate limit: after ten wrong tokens a right one is refused in the same words, for a while", async () => {
  const site = createTestSite();
  const known = await site.signIn(ANN);
  const answers: [number, string | null, string][] = [];
  const attempt = async (token: string, headers = {}) => {
    const response = await site.ask("/sign-in", form({ token }, headers));
    answers.push([response.status, response.headers.get("retry-after"), await response.text()]);
    return response;
  };
  for (let count = 0; count < 10; count++) await attempt(`wrong-${count}`);
  assert.ok(answers.every(([status]) => status === 401));
  await attempt("wrong");
  await attempt(TOKEN);
  const [wrong, right] = answers.slice(-2);
  assert.deepEqual(right, wrong);
  assert.deepEqual(right?.slice(0, 2), [429, "30"]);
  assert.match(right?.[2] ?? "", /Too many wrong tokens were entered\. Try again in 30 s\./);
  assert.equal((await site.ask("/", { headers: known })).status, 200);
  assert.equal(
    (await site.ask("/", { headers: { authorization: `Bearer ${TOKEN}` } })).status,
    200,
  );
  assert.equal((await attempt(TOKEN, known)).status, 303);
  site.clock.advance(30_000);
  assert.equal((await attempt(TOKEN)).status, 303);
});

Deno.test("a token in a URL signs nobody in, and is not repeated", async () => {
  const { ask } = createTestSite();
  for (
    const query of [`token=${TOKEN}`, `access_token=${TOKEN}`, `authorization=Bearer%20${TOKEN}`]
  ) {
    for (const path of ["/", "/sign-in", "/hosts"]) {
      const response = await ask(`${path}?${query}&back=/?token=${TOKEN}`);
      const text = await response.text() + JSON.stringify([...response.headers]);
      assert.notEqual(response.status, 303);
      assert.doesNotMatch(text, new RegExp(`${TOKEN}|&quot;name`), path);
    }
  }
  const posted = await ask(`/sign-in?token=${TOKEN}`, form({}));
  assert.equal(posted.status, 401);
});

Deno.test("open redirect: who signs in is led to this site alone", async () => {
  const { ask } = createTestSite();
  for (
    const back of ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"]
  ) {
    const response = await ask("/sign-in", form({ token: ANN, back }));
    assert.equal(response.headers.get("location"), "/");
    const page = await (await ask(`/sign-in?back=${encodeURIComponent(back)}`)).text();
    assert.match(page, /name="back" value="\/"/);
  }
});

Deno.test("the sign-in form shows where to go back to as text", async () => {
  const { ask } = createTestSite();
  const text = await (await ask('/hosts?q="><script>alert(1)</script>')).text();
  assert.match(text, /name="back" value="\/hosts\?q=%22%3E%3Cscript%3E/);
  assert.doesNotMatch(text, /<script/);
});
