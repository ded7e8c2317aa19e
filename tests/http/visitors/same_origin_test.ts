import assert from "node:assert/strict";
import { createOriginCheck } from "../../../lib/http/visitors/same_origin.ts";

const checkOrigin = createOriginCheck(["Hub.example.org"]);

interface Headers {
  readonly host?: string;
  readonly origin?: string;
  readonly site?: string;
  readonly cookie?: string;
}

function check({ host = "localhost:8090", origin, site, cookie }: Headers): string | null {
  const headers = new Headers({ host });
  if (origin !== undefined) headers.set("origin", origin);
  if (site !== undefined) headers.set("sec-fetch-site", site);
  if (cookie !== undefined) headers.set("cookie", cookie);
  return checkOrigin(new Request(`http://${host}/probe`, { method: "POST", headers }));
}

const PASSING: readonly (readonly [string, Headers])[] = [
  ["this site", { origin: "http://localhost:8090" }],
  ["this site, as the browser says too", { origin: "http://localhost:8090", site: "same-origin" }],
  ["this site behind a proxy with TLS", {
    host: "hub.example.org",
    origin: "https://hub.example.org",
  }],
  ["an address", { host: "[::1]:8090", origin: "http://[::1]:8090" }],
  ["a proxy that changes Host", { host: "127.0.0.1:8090", origin: "https://hub.example.org" }],
  ["a proxy that changes Host, on a port that the browser knows", {
    host: "127.0.0.1:8090",
    origin: "https://hub.example.org:8443",
    site: "same-origin",
  }],
  ["a program", {}],
  ["a browser that sends no Origin", { site: "same-origin", cookie: "a=b" }],
];

for (const [what, headers] of PASSING) {
  Deno.test(`createOriginCheck() lets a form of ${what} pass`, () => {
    assert.equal(check(headers), null);
  });
}

const REFUSED: readonly (readonly [string, Headers])[] = [
  ["another port of this machine", { origin: "http://localhost:3000" }],
  ["another port of this machine, as the browser says", {
    origin: "http://localhost:8090",
    site: "same-site",
  }],
  ["another port of this machine that hides its Origin", { origin: "null", site: "same-site" }],
  ["another name of this machine", { origin: "http://127.0.0.1:8090" }],
  ["another site", { origin: "https://evil.example", site: "cross-site" }],
  ["another site in an old browser", { origin: "https://evil.example" }],
  ["a site whose name begins like ours", { origin: "http://localhost:8090.evil.example" }],
  ["a site that hides its Origin", { origin: "null" }],
  ["an Origin that is none", { origin: "localhost:8090" }],
  ["another site without Origin", { site: "cross-site" }],
  ["a subdomain without Origin", { site: "same-site" }],
  ["nobody knows whom, with a cookie", { cookie: "a=b" }],
  ["nobody knows whom, with a cookie and by hand", { cookie: "a=b", site: "none" }],
  ["another port of the public name", {
    host: "127.0.0.1:8090",
    origin: "https://hub.example.org:8443",
  }],
  ["a site that is allowed for MCP alone in Host", { origin: "http://other.example.org" }],
];

for (const [what, headers] of REFUSED) {
  Deno.test(`createOriginCheck() refuses a form of ${what}`, () => {
    assert.match(check(headers) ?? "", /another site|is not this site|Origin is missing/);
  });
}

Deno.test("createOriginCheck() compares with what HTTP/2 has instead of Host", () => {
  const send = (origin: string) =>
    checkOrigin(
      new Request("https://hub.example.net:8443/probe", { method: "POST", headers: { origin } }),
    );
  assert.equal(send("https://hub.example.net:8443"), null);
  assert.notEqual(send("https://hub.example.net"), null);
});

Deno.test("createOriginCheck() says in one short line what it refuses", () => {
  const reason = check({ origin: `http://${"x".repeat(10_000)}` }) ?? "";
  assert.ok(reason.length < 300);
});
