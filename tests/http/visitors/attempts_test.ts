import assert from "node:assert/strict";
import type { AttemptSource } from "../../../lib/http/visitors/attempt_source.ts";
import { createAttempts } from "../../../lib/http/visitors/attempts.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";

function setUp() {
  const clock = createFakeClock();
  return { clock, attempts: createAttempts(clock) };
}

function from(hostname: string, rest: Partial<AttemptSource> = {}): AttemptSource {
  return {
    remote: { transport: "tcp", hostname, port: 4711 },
    forwardedFor: null,
    knownIds: [],
    ...rest,
  };
}

/** Tries wrong tokens until none may be tried any more; returns how many that were. */
function exhaust({ attempts }: Pick<ReturnType<typeof setUp>, "attempts">, source: AttemptSource) {
  let count = 0;
  for (; attempts.waitMs(source) === 0; count++) attempts.fail(source);
  return count;
}

const ATTACKER = from("192.0.2.1");
const OTHER = from("192.0.2.2");

Deno.test("createAttempts() lets an address try ten wrong tokens, then one each 30 s", () => {
  const { clock, attempts } = setUp();
  assert.equal(exhaust({ attempts }, ATTACKER), 10);
  assert.equal(attempts.waitMs(ATTACKER), 30_000);
  assert.equal(attempts.waitMs(OTHER), 0);
  clock.advance(29_999);
  assert.equal(attempts.waitMs(ATTACKER), 1);
  clock.advance(1);
  assert.equal(exhaust({ attempts }, ATTACKER), 1);
});

Deno.test("createAttempts() does not count what was refused", () => {
  const { clock, attempts } = setUp();
  exhaust({ attempts }, ATTACKER);
  for (let count = 0; count < 1_000; count++) attempts.waitMs(ATTACKER);
  clock.advance(30_000);
  assert.equal(attempts.waitMs(ATTACKER), 0);
});

Deno.test("createAttempts() lets all addresses together try 100 wrong tokens, then one each 3 s", () => {
  const { clock, attempts } = setUp();
  let count = 0;
  for (let at = 0; at < 200; at++) {
    const source = from(`198.51.100.${at}`);
    if (attempts.waitMs(source) > 0) continue;
    attempts.fail(source);
    count++;
  }
  assert.equal(count, 100);
  assert.equal(attempts.waitMs(OTHER), 3_000);
  clock.advance(3_000);
  assert.equal(attempts.waitMs(OTHER), 0);
});

Deno.test("createAttempts() counts a known browser by itself, however many wrong tokens others try", () => {
  const { attempts } = setUp();
  const knownIds = ["forged", attempts.remember("default")];
  const operator = { ...ATTACKER, knownIds };
  exhaust({ attempts }, ATTACKER);
  for (let at = 0; at < 100; at++) attempts.fail(from(`198.51.100.${at}`));
  assert.ok(attempts.waitMs(ATTACKER) > 0 && attempts.waitMs(OTHER) > 0);
  assert.equal(exhaust({ attempts }, operator), 10);
  assert.equal(attempts.waitMs(operator), 30_000);
  assert.ok(attempts.waitMs({ ...ATTACKER, knownIds: ["forged"] }) > 0);
});

const PAIRS: readonly (readonly [string, AttemptSource, AttemptSource, boolean])[] = [
  ["two IPv4 addresses", ATTACKER, OTHER, false],
  ["two addresses of an IPv6 network", from("2001:db8:1:2::1"), from("2001:db8:1:2:ffff::9"), true],
  ["two IPv6 networks", from("2001:db8:1:2::1"), from("2001:db8:1:3::1"), false],
  ["two IPv4 addresses in IPv6", from("::ffff:192.0.2.1"), from("::ffff:192.0.2.2"), false],
  ["one address in two interfaces", from("fe80::1%eth0"), from("fe80::1%eth1"), true],
  [
    "two visitors of a proxy on this machine",
    from("127.0.0.1", { forwardedFor: "203.0.113.1" }),
    from("127.0.0.1", { forwardedFor: "203.0.113.2" }),
    false,
  ],
  [
    "a visitor of a proxy on this machine that forges where it comes from",
    from("127.0.0.1", { forwardedFor: "203.0.113.8, 203.0.113.1" }),
    from("127.0.0.1", { forwardedFor: "203.0.113.9, 203.0.113.1" }),
    true,
  ],
  [
    "an address that says that it is a proxy",
    from("192.0.2.1", { forwardedFor: "203.0.113.1" }),
    from("192.0.2.1", { forwardedFor: "203.0.113.2" }),
    true,
  ],
  ["requests whose addresses are not known", { ...ATTACKER, remote: null }, {
    ...OTHER,
    remote: null,
  }, true],
];

for (const [what, attacker, other, isOne] of PAIRS) {
  Deno.test(`createAttempts() counts ${what} ${isOne ? "together" : "apart"}`, () => {
    const { attempts } = setUp();
    exhaust({ attempts }, attacker);
    assert.equal(attempts.waitMs(other) > 0, isOne);
  });
}

Deno.test("createAttempts() remembers a thousand addresses, and forgets the first", () => {
  const { clock, attempts } = setUp();
  exhaust({ attempts }, ATTACKER);
  for (let at = 0; at < 999; at++) {
    clock.advance(3_000);
    attempts.fail(from(`10.0.${at >> 8}.${at & 255}`));
  }
  const refilled = attempts.waitMs(ATTACKER);
  exhaust({ attempts }, ATTACKER);
  clock.advance(3_000);
  assert.equal(refilled, 0);
  assert.ok(attempts.waitMs(ATTACKER) > 0);
  attempts.fail(OTHER);
  clock.advance(3_000);
  assert.equal(attempts.waitMs(ATTACKER), 0);
});
