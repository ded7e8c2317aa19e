import assert from "node:assert/strict";
import type { Denial } from "../../lib/calls/denial.ts";
import { createDenials } from "../../lib/http/denied.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";

/** Denials that are kept, and what the log has of them. */
function setUp() {
  const clock = createFakeClock();
  const reported: Denial[] = [];
  const logged: [message: string, fields: unknown][] = [];
  const warn = (message: string, fields: unknown) => void logged.push([message, fields]);
  const denials = createDenials({
    clock,
    log: { error() {}, warn, info() {}, debug() {} },
    onDenied: (denial) => reported.push(denial),
  });
  return { clock, reported, logged, denials };
}

function requestOf(headers: Record<string, string>, path = "/mcp"): Request {
  return new Request(`http://hub.example.org${path}`, { headers });
}

const REMOTE = { transport: "tcp", hostname: "192.0.2.1", port: 4711 } as const;

Deno.test("createDenials() reports where a request came from, and no token", () => {
  const { reported, logged, denials } = setUp();
  denials.report(requestOf({}), REMOTE);
  const headers = { authorization: "Bearer canary", "x-forwarded-for": "203.0.113.9, 10.0.0.1" };
  denials.report(requestOf(headers, "/metrics?token=canary"), null);
  assert.deepEqual(reported, [
    { hadToken: false, remote: "192.0.2.1", forwardedFor: null, path: "/mcp" },
    { hadToken: true, remote: null, forwardedFor: "203.0.113.9, 10.0.0.1", path: "/metrics" },
  ]);
  assert.deepEqual(logged.map(([, fields]) => fields), reported);
  assert.doesNotMatch(JSON.stringify([reported, logged]), /canary/);
});

Deno.test("createDenials() cuts what strangers say", () => {
  const { reported, denials } = setUp();
  denials.report(
    requestOf({ "x-forwarded-for": "x".repeat(10_000) }, `/${"y".repeat(10_000)}`),
    REMOTE,
  );
  assert.ok(JSON.stringify(reported).length < 600);
});

Deno.test("createDenials() reports sixty at once, then six a minute, and how many there were", () => {
  const { clock, reported, logged, denials } = setUp();
  const attack = () => {
    for (let count = 0; count < 1_000; count++) denials.report(requestOf({}), REMOTE);
  };
  attack();
  assert.equal(reported.length, 60);
  clock.advance(60_000);
  assert.deepEqual(logged.at(-1), ["more requests without a valid token", { count: 940 }]);
  attack();
  assert.equal(reported.length, 66);
  denials[Symbol.dispose]();
  assert.deepEqual(logged.at(-1), ["more requests without a valid token", { count: 994 }]);
  assert.equal(clock.pending(), 0);
});
