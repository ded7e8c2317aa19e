import assert from "node:assert/strict";
import { systemClock } from "../../../../lib/base/time/clock.ts";
import { movableClock, openGate } from "../gate_lab.ts";
import { makeKey, startIssuer, tokenOf } from "../issuer.ts";
import { countOf, MINUTE, UNKNOWN } from "./lab.ts";

const MIB = new Uint8Array(1024 * 1024).fill(32);

/** A body of 100 MB. */
function endless(onTaken = () => {}): ReadableStream<Uint8Array> {
  let taken = 0;
  return new ReadableStream({
    pull: (controller) => {
      onTaken();
      if (taken++ < 100) controller.enqueue(MIB);
      else controller.close();
    },
  });
}

Deno.test("an answer that is too long is not read to its end", async () => {
  for (const status of [200, 404]) {
    let taken = 0;
    await using issuer = await startIssuer();
    await using lab = openGate([issuer], { jwksUrl: `${issuer.url}/keys` });
    const body = endless(() => taken++);
    issuer.fault = () => Promise.resolve(new Response(body, { status }));
    assert.equal(await lab.judge(await tokenOf(issuer)), "unavailable");
    assert.ok(taken < 20, `${taken} MiB`);
  }
});

/** Answers when nobody waits for that any more. */
function untilGone({ signal }: Request): Promise<null> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
}

/** A clock that lets waits of five seconds be short, and counts them. */
function createHastyClock() {
  const counts = { over: 0 };
  const after = (ms: number, callback: () => void) =>
    ms !== 5_000 ? systemClock.after(ms, callback) : systemClock.after(50, () => {
      counts.over++;
      callback();
    });
  return { clock: { ...systemClock, after }, counts };
}

for (
  const [what, answer] of [
    ["says nothing", untilGone],
    ["begins its answer alone", () => Promise.resolve(new Response(new ReadableStream()))],
  ] as const
) {
  Deno.test(`an issuer that ${what} lets nobody in, and has five seconds`, async () => {
    await using issuer = await startIssuer();
    const { clock, counts } = createHastyClock();
    await using lab = openGate([issuer], { clock });
    issuer.fault = answer;
    assert.equal(await lab.judge(await tokenOf(issuer)), "unavailable");
    assert.deepEqual(counts, { over: 1 });
    assert.match(lab.lines[0] ?? "", /did not answer in time/);
    issuer.fault = null;
  });
}

const lies: readonly (readonly [
  what: string,
  path: string,
  answer: () => Response,
  reason: RegExp,
])[] = [
  ["keys that are not JSON", "/keys", () => new Response("<html>"), /is not JSON/],
  ["keys that are a text", "/keys", () => Response.json("keys"), /is no set of keys/],
  [
    "a thousand keys",
    "/keys",
    () => Response.json({ keys: Array(1_000).fill({}) }),
    /more than 100/,
  ],
  ["keys with status 500", "/keys", () => new Response("x", { status: 500 }), /status 500/],
  ["keys elsewhere", "/keys", () => Response.redirect("http://127.0.0.1:1/keys"), /status 302/],
  ["100 MB of keys", "/keys", () => new Response(endless()), /longer than 262144 bytes/],
  [
    "100 MB of an error",
    "/keys",
    () => new Response(endless(), { status: 404 }),
    /status 404/,
  ],
  [
    "metadata of another issuer",
    "/.well-known/oauth-authorization-server",
    () =>
      Response.json({ issuer: "https://evil.example.org", jwks_uri: "https://evil.example.org/" }),
    /that of another issuer, \\?"https:\/\/evil\.example\.org\\?"/,
  ],
];

for (const [what, path, answer, reason] of lies) {
  Deno.test(`an issuer that answers with ${what} lets nobody in`, async () => {
    await using issuer = await startIssuer();
    await using lab = openGate([issuer]);
    issuer.fault = ({ url }) => Promise.resolve(new URL(url).pathname === path ? answer() : null);
    assert.equal(await lab.judge(await tokenOf(issuer)), "unavailable");
    assert.equal(lab.lines.length, 1);
    assert.match(lab.lines[0] ?? "", reason);
  });
}

Deno.test("an issuer that leads to a place without TLS, to a file or nowhere, lets nobody in", async () => {
  for (const jwks_uri of ["http://10.0.0.1/keys", "file:///etc/passwd", "data:,x", "", null, 1]) {
    await using issuer = await startIssuer();
    await using lab = openGate([issuer]);
    issuer.metadata = { jwks_uri };
    assert.equal(await lab.judge(await tokenOf(issuer)), "unavailable");
    assert.match(lab.lines[0] ?? "", /jwks_uri/);
  }
});

Deno.test("keys that are malformed leave the others of their set in use", async () => {
  await using issuer = await startIssuer();
  const [key = await makeKey("k1")] = issuer.keys;
  const odd = [null, 1, {}, { kty: 1 }, { kty: "EC", kid: 1 }, { kty: "RSA", n: [], kid: "k1" }];
  issuer.fault = ({ url }) =>
    Promise.resolve(url.endsWith("/keys") ? Response.json({ keys: [...odd, key.jwk] }) : null);
  await using lab = openGate([issuer]);
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
});

Deno.test("an issuer without a key that can be used is named in the log, once", async () => {
  const clock = movableClock();
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { clock });
  const key = await makeKey("k1", "ES256", { use: "enc" });
  const token = await tokenOf(issuer, { key });
  issuer.keys = [key];
  for (let minute = 0; minute < 3; minute++) {
    assert.equal(await lab.judge(token), UNKNOWN);
    clock.move(MINUTE);
  }
  assert.equal(countOf(issuer.asked), 3);
  const lines = lab.lines.filter((line) => line.includes("has no public key for signatures"));
  assert.equal(lines.length, 1, lab.lines.join("\n"));
});
