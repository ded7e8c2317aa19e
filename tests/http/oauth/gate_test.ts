import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { exportSPKI, importJWK } from "jose";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { openGate } from "./gate_lab.ts";
import { AUDIENCE, makeKey, startIssuer, tokenOf, type TokenOptions } from "./issuer.ts";

const now = Math.floor(Date.now() / 1000);
/** It is `now` however long a test takes. */
const CLOCK = { ...systemClock, wall: () => now * 1000 };
const otherAudience = "refused: The token is not for this hub: its audience is another one";
const otherIssuer = "refused: The token is from no issuer that is accepted here";

const claims: readonly (readonly [what: string, options: TokenOptions, verdict: string])[] = [
  ["is right", {}, "ann"],
  ["names another client", { claims: { sub: "ben" } }, "ben"],
  ["has several audiences", { claims: { aud: ["https://a.example.org", AUDIENCE] } }, "ann"],
  ["expired within the skew", { claims: { exp: now - 2 } }, "ann"],
  ["is valid in a moment", { claims: { nbf: now + 4 } }, "ann"],
  ["has the type of an older issuer", { header: { typ: "JWT" } }, "ann"],
  ["has expired", { claims: { exp: now - 60 } }, "refused: The token has expired"],
  [
    "never expires",
    { claims: { exp: undefined } },
    "refused: The token has a claim that is missing or wrong: exp",
  ],
  ["is not valid yet", { claims: { nbf: now + 60 } }, "refused: The token is not valid yet"],
  ["is for another hub", { claims: { aud: "https://other.example.org/mcp" } }, otherAudience],
  ["has an audience that begins alike", { claims: { aud: `${AUDIENCE}/x` } }, otherAudience],
  ["has no audience", { claims: { aud: undefined } }, otherAudience],
  ["is from another issuer", { claims: { iss: "https://evil.example.org" } }, otherIssuer],
  ["is from nobody", { claims: { iss: undefined } }, otherIssuer],
  [
    "is meant for something else",
    { header: { typ: "logout+jwt" } },
    "refused: The token is not an access token",
  ],
  [
    "is bound to a key (DPoP)",
    { claims: { cnf: { jkt: "x" } } },
    "refused: The token is bound to a key, and this hub cannot see who has that",
  ],
  [
    "names nobody whom the hub knows",
    { claims: { sub: "eve" } },
    'unknown_client: The token names no client of this hub in its claim "sub"',
  ],
  [
    "names several clients",
    { claims: { sub: ["ann", "ben"] } },
    'unknown_client: The token names no client of this hub in its claim "sub"',
  ],
  [
    "names the holder of the hub's own token",
    { claims: { sub: "default" } },
    'unknown_client: The token names no client of this hub in its claim "sub"',
  ],
];

for (const [what, options, verdict] of claims) {
  Deno.test(`a gate for tokens judges one that ${what}`, async () => {
    await using issuer = await startIssuer();
    await using lab = openGate([issuer], { clock: CLOCK });
    const token = await tokenOf(issuer, options);
    assert.equal(await lab.judge(token), verdict);
    assert.equal(await lab.judge(token), verdict, "again");
  });
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const right = (iss: string) => ({ iss, aud: AUDIENCE, sub: "ann", exp: now + 3_600 });

Deno.test("a gate for tokens refuses one without signature, however its algorithm is spelled", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  for (const alg of ["none", "None", "NONE", "nOnE", "", null, ["ES256"]]) {
    const start = `${encode({ alg, kid: "k1" })}.${encode(right(issuer.url))}`;
    assert.match(await lab.judge(`${start}.`), /^refused: /, `${alg}`);
    assert.match(await lab.judge(`${start}.AAAA`), /^refused: /, `${alg}`);
  }
});

Deno.test("a gate for tokens refuses one that is signed with a public key as a secret", async () => {
  await using issuer = await startIssuer();
  const key = await makeKey("k1", "RS256");
  issuer.keys = [key, { ...key, kid: "k2", jwk: { kty: "oct", kid: "k2", k: "c2VjcmV0" } }];
  await using lab = openGate([issuer]);
  assert.equal(await lab.judge(await tokenOf(issuer)), "ann");
  const published = await importJWK(key.jwk, "RS256", { extractable: true });
  assert.ok(published instanceof CryptoKey);
  const secrets = [
    await exportSPKI(published),
    (await exportSPKI(published)).trimEnd(),
    JSON.stringify(key.jwk),
    Buffer.from(await crypto.subtle.exportKey("spki", published)),
    Buffer.from(key.jwk.n ?? "", "base64url"),
    "secret",
  ];
  for (const kid of ["k1", "k2", undefined]) {
    for (const secret of secrets) {
      const start = `${encode({ alg: "HS256", kid })}.${encode(right(issuer.url))}`;
      const signature = createHmac("sha256", secret).update(start).digest("base64url");
      assert.equal(
        await lab.judge(`${start}.${signature}`),
        "refused: The token is signed with an algorithm that is not accepted",
      );
    }
  }
});

Deno.test("a gate for tokens refuses one that brings its own key, or says where it is", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  const key = await makeKey("k1");
  const url = `${issuer.url}/elsewhere`;
  for (const header of [{ jwk: key.jwk }, { jku: url }, { x5u: url }, {}]) {
    const token = await tokenOf(issuer, { key, header });
    assert.equal(await lab.judge(token), "refused: The token has a wrong signature");
  }
  assert.ok(!issuer.asked.includes("/elsewhere"));
});

Deno.test("a gate for tokens refuses one whose key is not for signatures, or for another algorithm", async () => {
  await using issuer = await startIssuer();
  const unknown = "refused: The token is signed with a key that its issuer does not have";
  const keys = [
    [await makeKey("enc", "ES256", { use: "enc" }), unknown],
    [await makeKey("ops", "ES256", { key_ops: ["deriveBits"] }), unknown],
    [await makeKey("alg", "ES256", { alg: "ES384" }), unknown],
    [await makeKey("good"), "ann"],
  ] as const;
  issuer.keys = keys.map(([key]) => key);
  await using lab = openGate([issuer]);
  for (const [key, verdict] of keys) {
    assert.equal(await lab.judge(await tokenOf(issuer, { key })), verdict, key.kid);
  }
});

Deno.test("a gate for tokens accepts the algorithms that issuers use", async () => {
  await using issuer = await startIssuer();
  const algorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
  issuer.keys = await Promise.all(algorithms.map((alg) => makeKey(alg, alg)));
  await using lab = openGate([issuer]);
  for (const key of issuer.keys) {
    assert.equal(await lab.judge(await tokenOf(issuer, { key })), "ann", key.alg);
  }
});

Deno.test("a gate for tokens refuses what is changed or is none, and fetches nothing for it", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  const token = await tokenOf(issuer);
  const [header = "", payload = "", signature = ""] = token.split(".");
  const junk = [
    "x",
    "..",
    `${header}.${payload}`,
    `${token}.${signature}`,
    `${header}..${signature}`,
    `${header}.${payload}.!`,
    `${header}.${encode("text")}.${signature}`,
    `${header}.${encode([])}.${signature}`,
    `${header}.eyJ.${signature}`,
    `${token}${"A".repeat(16 * 1024)}`,
    `eyJ${"A".repeat(200_000)}.eyJ${"A".repeat(200_000)}.AAAA`,
  ];
  for (const text of junk) assert.match(await lab.judge(text), /^refused: /, text.slice(0, 80));
  assert.equal(await lab.judge(null), "no_token");
  assert.deepEqual(issuer.asked, []);
  const changed = encode({ ...right(issuer.url), sub: "ben" });
  assert.match(await lab.judge(`${header}.${changed}.${signature}`), /wrong signature/);
});

Deno.test("a gate for tokens asks for every scope, whatever way an issuer writes them", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer], { scopes: ["mcp", "fleet"] });
  const judge = async (scopes: Readonly<Record<string, unknown>>) =>
    await lab.judge(await tokenOf(issuer, { claims: scopes }));
  assert.equal(await judge({ scope: "openid fleet mcp" }), "ann");
  assert.equal(await judge({ scp: ["mcp", "fleet"] }), "ann");
  assert.equal(await judge({ scp: "mcp fleet" }), "ann");
  const lacks = "insufficient_scope: The token lacks a scope: it needs mcp fleet";
  for (const scope of ["mcp", "mcpfleet", "", undefined, { mcp: true }]) {
    assert.equal(await judge({ scope }), lacks);
  }
});

Deno.test("a gate for tokens knows its audience as clients spell it", async () => {
  for (
    const [audience, aud] of [
      ["https://Hub.example.org:443/mcp", "https://hub.example.org/mcp"],
      ["https://hub.example.org", "https://hub.example.org/"],
      ["https://hub.example.org/", "https://hub.example.org"],
    ]
  ) {
    await using issuer = await startIssuer();
    await using lab = openGate([issuer], { audience: `${audience}` });
    assert.equal(await lab.judge(await tokenOf(issuer, { claims: { aud } })), "ann", audience);
  }
});

Deno.test("a gate for tokens checks each with the keys of its own issuer", async () => {
  await using one = await startIssuer();
  await using two = await startIssuer("/realm");
  await using lab = openGate([one, two]);
  assert.equal(await lab.judge(await tokenOf(one)), "ann");
  assert.equal(await lab.judge(await tokenOf(two)), "ann");
  const forged = await tokenOf({ url: one.url, keys: two.keys });
  assert.equal(await lab.judge(forged), "refused: The token has a wrong signature");
});

Deno.test("a gate for tokens follows its settings, also those that change during a check", async () => {
  await using issuer = await startIssuer();
  await using lab = openGate([issuer]);
  const token = await tokenOf(issuer);
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  issuer.fault = async () => {
    issuer.fault = null;
    reached.resolve();
    await released.promise;
    return null;
  };
  const judged = lab.judge(token);
  await reached.promise;
  const settings = lab.current();
  lab.change(null);
  released.resolve();
  assert.equal(await judged, "refused: A valid bearer token is needed");
  lab.change(settings);
  assert.equal(await lab.judge(token), "ann");
  assert.ok(settings !== null);
  lab.change({ ...settings, audience: "https://new.example.org/mcp" });
  assert.equal(await lab.judge(token), otherAudience);
});
