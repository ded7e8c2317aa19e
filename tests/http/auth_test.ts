import assert from "node:assert/strict";
import { createAuthenticator } from "../../lib/http/auth.ts";
import { Secret } from "../../lib/base/secret.ts";

const authenticate = createAuthenticator([
  { name: "operator", token: new Secret("alpha") },
  { name: "cron", token: new Secret("beta") },
]);

function request(authorization?: string): Request {
  return new Request("http://hub/mcp", { headers: authorization ? { authorization } : {} });
}

const headers: readonly (readonly [string, string | null])[] = [
  ["Bearer alpha", "operator"],
  ["Bearer beta", "cron"],
  ["bearer alpha", "operator"],
  ["BEARER  alpha ", "operator"],
  ["Bearer alph", null],
  ["Bearer alphaa", null],
  ["Bearer alphaalpha", null],
  ["Bearer Alpha", null],
  ["Bearer alpha beta", null],
  ["Bearer alpha, Bearer beta", null],
  ["Bearer", null],
  ["Bearer ", null],
  ["alpha", null],
  ["Basic alpha", null],
  ["XBearer alpha", null],
];

for (const [header, name] of headers) {
  Deno.test(`createAuthenticator() takes "${header}" for ${name ?? "nobody"}`, () => {
    assert.deepEqual(authenticate(request(header)), name === null ? null : { name });
  });
}

Deno.test("createAuthenticator() does not accept a part of a token", () => {
  const whole = createAuthenticator([{ name: "odd", token: new Secret("a\u00e9") }]);
  assert.equal(whole(request("Bearer a")), null);
});

Deno.test("createAuthenticator() takes a request without credentials for nobody", () => {
  assert.equal(authenticate(request()), null);
});

Deno.test("createAuthenticator() treats everyone as anonymous where there is no token", () => {
  const open = createAuthenticator([]);
  assert.deepEqual(open(request()), { name: "anonymous" });
  assert.deepEqual(open(request("Bearer alpha")), { name: "anonymous" });
});
