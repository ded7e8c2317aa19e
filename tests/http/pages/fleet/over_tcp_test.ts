import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { assetPath } from "../../../../lib/http/pages/fleet/assets.ts";
import { assertQuick } from "../../../assert_quick.ts";
import { until } from "../../../processes.ts";
import { makeKeyPair, serveSite } from "./tcp_site.ts";
import { cookiesOf, TOKEN } from "./served_site.ts";

Deno.test("over TCP: a browser signs in, and sees the page with its cookie", async () => {
  await using site = await serveSite();
  const { origin } = site;
  const stranger = await fetch(origin);
  assert.equal(stranger.status, 401);
  await stranger.text();
  const signedIn = await site.signIn(TOKEN);
  assert.equal(signedIn.status, 303);
  const cookie = cookiesOf(signedIn);
  assert.match(cookie, new RegExp(`lmcp_hub_session_${new URL(origin).port}=`));
  const page = await fetch(`${origin}/hosts`, { headers: { cookie } });
  const text = await page.text();
  assert.equal(page.status, 200);
  assert.equal(page.headers.get("content-length"), String(new TextEncoder().encode(text).length));
  assert.match(text, /web1/);
  const head = await fetch(`${origin}/hosts`, { method: "HEAD", headers: { cookie } });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("over HTTPS: a browser signs in, and sends its cookies in parts as HTTP/2 lets it", async () => {
  const keyPair = await makeKeyPair();
  await using site = await serveSite(keyPair);
  const session = http2.connect(site.origin, { ca: keyPair });
  const ask = async (headers: http2.OutgoingHttpHeaders, body = "") => {
    const stream = session.request(headers);
    if (body !== "") stream.end(body);
    stream.resume();
    const [[answer]] = await Promise.all([once(stream, "response"), once(stream, "close")]);
    return answer;
  };
  try {
    const signedIn = await ask({
      ":method": "POST",
      ":path": "/sign-in",
      origin: site.origin,
      "content-type": "application/x-www-form-urlencoded",
    }, `token=${TOKEN}`);
    assert.equal(signedIn[":status"], 303);
    const cookies: string[] = signedIn["set-cookie"];
    assert.match(cookies[0] ?? "", /^__Host-lmcp_hub_session_\d+=.*; Secure$/);
    const cookie = ["a=b", ...cookies.map((cookie) => cookie.split(";")[0] ?? ""), "c=d"];
    assert.equal((await ask({ ":path": "/hosts", cookie }))[":status"], 200);
    assert.equal((await ask({ ":path": "/hosts" }))[":status"], 401);
  } finally {
    session.destroy();
  }
});

Deno.test("over TCP: a request that names nobody, or two, is refused", async () => {
  await using site = await serveSite();
  const { host } = new URL(site.origin);
  const statusOf = async (target: string, name: string) => {
    const connection = await Deno.connect({ port: Number(new URL(site.origin).port) });
    const head = `GET ${target} HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const answer = await new Response(connection.readable).text();
    return Number(answer.split(" ")[1]);
  };
  assert.equal(await statusOf("/sign-in", host), 200);
  assert.equal(await statusOf(`http://${host}/sign-in`, host), 200);
  for (const name of ["localhost/evil", "localhost#.evil", "evil@localhost", "a b", ""]) {
    assert.equal(await statusOf("/sign-in", name), 403, name);
  }
  assert.equal(await statusOf("http://evil.example/sign-in", host), 403);
});

Deno.test("over HTTPS: Host does not hide that a request is for somebody else", async () => {
  const keyPair = await makeKeyPair();
  await using site = await serveSite(keyPair);
  const { host } = new URL(site.origin);
  const session = http2.connect(site.origin, { ca: keyPair });
  const statusOf = async (headers: http2.OutgoingHttpHeaders) => {
    const stream = session.request({ ":path": "/sign-in", ...headers });
    stream.resume();
    const [[answer]] = await Promise.all([once(stream, "response"), once(stream, "close")]);
    return answer[":status"];
  };
  try {
    assert.equal(await statusOf({ ":authority": host }), 200);
    assert.equal(await statusOf({ ":authority": host, host }), 200);
    assert.equal(await statusOf({ ":authority": "evil.example", host }), 403);
    assert.equal(await statusOf({ ":authority": host, host: "evil.example" }), 403);
    assert.equal(await statusOf({ ":authority": `evil@${host}` }), 403);
  } finally {
    session.destroy();
  }
});

Deno.test("over TCP: answers that were read, or left by their clients, make room for others", async () => {
  await using site = await serveSite();
  const url = `${site.origin}${assetPath("packages/uplot.js")}`;
  for (let count = 0; count < 300; count++) {
    const method = count % 3 === 0 ? "HEAD" : "GET";
    const answer = await fetch(url, { method });
    assert.equal(answer.status, 200, `${count}`);
    if (count % 3 === 1) await answer.body?.cancel();
    else await answer.text();
  }
});

Deno.test("over HTTPS: answers that were read make room for others", async () => {
  const keyPair = await makeKeyPair();
  await using site = await serveSite(keyPair);
  const session = http2.connect(site.origin, { ca: keyPair });
  try {
    for (let count = 0; count < 150; count++) {
      const stream = session.request({ ":path": assetPath("packages/uplot.js") });
      stream.resume();
      const [[answer]] = await Promise.all([once(stream, "response"), once(stream, "close")]);
      assert.equal(answer[":status"], 200, `${count}`);
    }
  } finally {
    session.destroy();
  }
});

Deno.test("over TCP: a wrong token is reported with the address that it came from", async () => {
  await using site = await serveSite();
  const answer = await site.signIn("wrong");
  assert.equal(answer.status, 401);
  await answer.text();
  assert.deepEqual(site.denials, [
    { hadToken: true, remote: "127.0.0.1", forwardedFor: null, path: "/sign-in" },
  ]);
});

Deno.test("over TCP: events come as they happen, until the reader leaves", async () => {
  await using site = await serveSite();
  const client = new AbortController();
  const headers = { cookie: cookiesOf(await site.signIn(TOKEN)) };
  const response = await fetch(`${site.origin}/api/events`, { headers, signal: client.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader?.read())?.value ?? "", /"kind":"all"/);
  site.fleet.change({ problems: ["a problem"] });
  assert.match((await reader?.read())?.value ?? "", /"problems":\["a problem"\]/);
  assert.equal(site.fleet.watchers.size, 1);
  client.abort();
  await reader?.closed.catch(() => {});
  await until(() => site.fleet.watchers.size === 0);
});

/** A site of which three pages are open. */
async function openPages() {
  const site = await serveSite();
  const headers = { cookie: cookiesOf(await site.signIn(TOKEN)) };
  const responses = await Promise.all(
    Array.from({ length: 3 }, () => fetch(`${site.origin}/api/events`, { headers })),
  );
  const texts = responses.map((response) => response.text());
  await until(() => site.fleet.watchers.size === 3);
  return { ...site, texts };
}

Deno.test("over TCP: pages that are open do not delay the hub's stop", async () => {
  const sites = [await openPages(), await openPages(), await openPages()];
  const running = sites.values();
  // A hub waits for a second for what is on its way.
  await assertQuick(500, () => running.next().value?.stop());
  for (const { stop, texts, fleet } of sites) {
    await stop();
    for (const text of await Promise.all(texts)) assert.match(text, /"kind":"all"/);
    assert.equal(fleet.watchers.size, 0);
  }
});
