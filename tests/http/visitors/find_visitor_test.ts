import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import { createAuthenticator } from "../../../lib/http/auth.ts";
import { createFindVisitor } from "../../../lib/http/visitors/find_visitor.ts";

/** Finds visitors; "token-a" is that of ann, and the session "s" that of bob. */
function setUp(tokens = [{ name: "ann", token: new Secret("token-a") }]) {
  let principal: string | null = "bob";
  const findVisitor = createFindVisitor({
    authenticate: createAuthenticator(tokens),
    sessions: { principalOf: (id) => id === "s" ? principal : null },
  });
  const find = (headers: Record<string, string>) =>
    findVisitor(new Request("http://localhost:8090/", { headers }));
  return { find, change: (name: string | null) => principal = name };
}

const COOKIE = "lmcp_hub_session_8090=s";

const FOUND: readonly (readonly [string, Record<string, string>, string | null, string | null])[] =
  [
    ["nothing", {}, null, null],
    ["a token", { authorization: "Bearer token-a" }, "ann", null],
    ["a session", { cookie: COOKIE }, "bob", "s"],
    [
      "a session after one that is over",
      { cookie: `lmcp_hub_session_8090=x; ${COOKIE}` },
      "bob",
      "s",
    ],
    ["a wrong token and a session", { authorization: "Bearer x", cookie: COOKIE }, null, null],
    ["a token and a session", { authorization: "bearer token-a", cookie: COOKIE }, "ann", null],
    [
      "what is meant for a proxy, and a session",
      { authorization: "Basic eDp5", cookie: COOKIE },
      "bob",
      "s",
    ],
    ["what is meant for a proxy", { authorization: "Basic eDp5" }, null, null],
  ];

for (const [what, headers, principal, sessionId] of FOUND) {
  Deno.test(`createFindVisitor() finds ${principal ?? "nobody"} by ${what}`, () => {
    const visitor = setUp().find(headers);
    assert.equal(visitor?.principal ?? null, principal);
    assert.equal(visitor?.sessionId ?? null, sessionId);
  });
}

Deno.test("createFindVisitor() lets everybody in as anonymous where nobody needs a token", () => {
  const { find } = setUp([]);
  assert.equal(find({})?.principal, "anonymous");
  assert.equal(find({ cookie: "lmcp_hub_session_8090=old" })?.sessionId, null);
});

Deno.test("a visitor is accepted as long as the session is that of the same principal", () => {
  const { find, change } = setUp();
  const visitor = find({ cookie: COOKIE });
  assert.equal(visitor?.isAccepted(), true);
  change("root");
  assert.equal(visitor?.isAccepted(), false);
  change(null);
  assert.equal(visitor?.isAccepted(), false);
});
