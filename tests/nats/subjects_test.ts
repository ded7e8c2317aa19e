import assert from "node:assert/strict";
import {
  agentSubject,
  fromToken,
  hostSubject,
  isSubjectId,
  presenceSubject,
  presentHost,
  toToken,
} from "../../lib/nats/subjects.ts";

Deno.test("toToken() makes one token of any name, which fromToken() reads back", () => {
  for (const name of ["web01", "db.example.org", "a_b-c", "ü", "*", ">", "a b", "a=2e", "="]) {
    assert.match(toToken(name), /^[A-Za-z0-9=_-]+$/, name);
    assert.equal(fromToken(toToken(name)), name);
  }
  assert.equal(toToken("db.example.org"), "db=2eexample=2eorg");
});

Deno.test("fromToken() reads nothing that toToken() does not write", () => {
  for (const token of ["", "a.b", "=61", "=2E", "=2", "=ff", "*", ">", "a b", "%2e"]) {
    assert.equal(fromToken(token), null, token);
  }
});

Deno.test("subjects of different hosts differ, whatever their names", () => {
  assert.equal(hostSubject("a.b"), "lmcp.host.a=2eb");
  assert.equal(agentSubject("a", "0-1"), "lmcp.host.a.agent.0-1");
  assert.equal(presentHost(presenceSubject("a.b")), "a.b");
  assert.equal(presentHost("lmcp.presence.a.b"), null);
  assert.equal(presentHost("lmcp.host.a"), null);
});

Deno.test("isSubjectId() accepts one token without a meaning of its own", () => {
  assert.ok(isSubjectId(crypto.randomUUID()));
  for (const id of ["", "a.b", "*", ">", "a b", "a\n", "x".repeat(65)]) assert.ok(!isSubjectId(id));
});
