import assert from "node:assert/strict";
import { parseBack } from "../../../../../lib/http/pages/fleet/request/back.ts";

const KEPT = [
  "/",
  "/hosts",
  "/hosts/web1",
  "/calls",
  "/calls?order=time",
  "/hosts?q=web*&sort=name",
  "/calls?order=time",
  "/hosts?q=%40db+%26+web1",
  "/hosts/a%2F%2Fb",
  "/%5Cevil.example",
];

for (const path of KEPT) {
  Deno.test(`parseBack() keeps ${path}`, () => assert.equal(parseBack(path), path));
}

const REFUSED = [
  "",
  "hosts",
  "//evil.example",
  "//evil.example/hosts",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  " //evil.example",
  "/hosts\r\nset-cookie: a=b",
  "/hosts\\web1",
  "/hosts web1",
  "/.//evil.example",
  "/hosts/..//evil.example",
  "/%2e//evil.example",
  "http://evil.example",
  "https:evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "/\u202Eelpmaxe",
  "/\u0000",
  "/sign-in",
  "/sign-in?back=/sign-in",
  `/${"x".repeat(5_000)}`,
];

for (const text of REFUSED) {
  Deno.test(`parseBack() makes / of ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.equal(parseBack(text), "/");
  });
}

Deno.test("parseBack() makes / of nothing", () => assert.equal(parseBack(null), "/"));

Deno.test("parseBack() repeats nothing of a query but what pages have", () => {
  assert.equal(parseBack("/hosts?token=canary&q=web1&x#canary"), "/hosts?q=web1");
  assert.equal(parseBack("/?token=canary"), "/");
});
