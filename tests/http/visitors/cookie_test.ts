import assert from "node:assert/strict";
import { isSecure, readCookie, writeCookie } from "../../../lib/http/visitors/cookie.ts";

function requestOf(url: string, headers: Record<string, string> = {}): Request {
  return new Request(url, { headers });
}

const HTTP = "http://localhost:8090/";
const NAME = "lmcp_hub_session_8090";

const HEADERS: readonly (readonly [string, string, readonly string[]])[] = [
  ["one cookie", `${NAME}=a`, ["a"]],
  ["a cookie among others", `theme=dark; ${NAME}=a; ${NAME}x=b; x${NAME}=c`, ["a"]],
  ["quotes", `${NAME}="a"`, ["a"]],
  ["half a pair of quotes", `${NAME}="a`, ['"a']],
  ["spaces around", `  ${NAME} =  a  `, ["a"]],
  ["no spaces", `x=1;${NAME}=a;y=2`, ["a"]],
  ["an equals sign in the value", `${NAME}=a=b`, ["a=b"]],
  ["several of one name, in order", `${NAME}=a; ${NAME}=b; ${NAME}=`, ["a", "b", ""]],
  ["a header that HTTP/2 had split", `x=1, ${NAME}=a, y=2`, ["a"]],
  ["a name without a value", `${NAME}; ${NAME}=a`, ["a"]],
  ["another case", NAME.toUpperCase() + "=a", []],
  ["the name of another kind", "lmcp_hub_known_8090=a", []],
  ["the name of a hub on another port", "lmcp_hub_session_8091=a", []],
  ["the name that it has over HTTPS", `__Host-${NAME}=a`, []],
  ["nothing but separators", ";;,,==;", []],
];

for (const [what, cookie, values] of HEADERS) {
  Deno.test(`readCookie() reads ${what}`, () => {
    assert.deepEqual(readCookie(requestOf(HTTP, { cookie }), "session"), values);
  });
}

Deno.test("readCookie() reads nothing where there is no cookie", () => {
  assert.deepEqual(readCookie(requestOf(HTTP), "session"), []);
});

Deno.test("readCookie() reads a bounded part of megabytes, and no more than eight of one name", () => {
  const many = Array(100_000).fill(`${NAME}=a`).join("; ");
  assert.equal(readCookie(requestOf(HTTP, { cookie: many }), "session").length, 8);
  const late = `${"x=1; ".repeat(500_000)}${NAME}=a`;
  assert.deepEqual(readCookie(requestOf(HTTP, { cookie: late }), "session"), []);
});

Deno.test("isSecure() knows HTTPS, its own and a proxy's", () => {
  const forwarded = (proto: string) => isSecure(requestOf(HTTP, { "x-forwarded-proto": proto }));
  assert.equal(isSecure(requestOf("https://hub.example.org/")), true);
  assert.equal(isSecure(requestOf(HTTP)), false);
  assert.deepEqual(["https", "HTTPS, http", "http", "http, https", "httpsx", ""].map(forwarded), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("writeCookie() keeps a cookie from scripts, other sites and plain HTTP", () => {
  const cookie = { kind: "session", value: "a" } as const;
  assert.equal(
    writeCookie(requestOf(HTTP), cookie),
    "lmcp_hub_session_8090=a; Path=/; HttpOnly; SameSite=Strict",
  );
  assert.equal(
    writeCookie(requestOf("https://hub.example.org:8443/"), { ...cookie, maxAgeSeconds: 0 }),
    "__Host-lmcp_hub_session_8443=a; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
  );
  const proxied = requestOf("http://hub.example.org/", { "x-forwarded-proto": "https" });
  assert.match(writeCookie(proxied, cookie), /^__Host-lmcp_hub_session_default=a;.*; Secure$/);
});

Deno.test("readCookie() over HTTPS reads no cookie that a page over HTTP could have set", () => {
  const proxied = (cookie: string) =>
    readCookie(requestOf(HTTP, { cookie, "x-forwarded-proto": "https" }), "session");
  assert.deepEqual(proxied(`${NAME}=planted; __Host-${NAME}=own`), ["own"]);
});
