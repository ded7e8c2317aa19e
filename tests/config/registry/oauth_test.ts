import assert from "node:assert/strict";
import { parseRegistry, type RegistryInputs } from "../../../lib/config/registry/load.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { fakeSources } from "../fake_sources.ts";
import { defaults } from "./parsed_registry.ts";

const RIGHT = `[oauth]
issuer = "https://login.example.org"
audience = "https://hub.example.org/mcp"
claim = "sub"
`;
const ANN = "[clients.ann]\n";
const NO_CLIENT =
  "hosts.toml:1: warning: oauth: there is no client that a token could name: add a [clients.NAME]";

async function parse(text: string, options: Partial<RegistryInputs> = {}) {
  const inputs = { path: "hosts.toml", defaults, ...fakeSources(), ...options };
  const { registry, oauth, statesOauth, statedTokens, problems } = await parseRegistry(
    text,
    inputs,
  );
  return {
    registry,
    oauth,
    statesOauth,
    statedTokens,
    problems: problems.map(formatProblem),
  };
}

Deno.test("parseRegistry() reads [oauth], and clients without a token beside it", async () => {
  const { oauth, registry, statedTokens, problems } = await parse(
    `${RIGHT}scopes = ["mcp"]\n[clients.ann]\nread_only = true\n`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(oauth, {
    issuers: [{ url: "https://login.example.org", jwksUrl: null }],
    audience: "https://hub.example.org/mcp",
    claim: "sub",
    scopes: ["mcp"],
  });
  assert.equal(registry.clients.get("ann")?.token, null);
  assert.deepEqual(statedTokens, new Map([["ann", null]]));
});

Deno.test("parseRegistry() reads several issuers, and where the keys of one are", async () => {
  const several = RIGHT.replace(
    '"https://login.example.org"',
    '["https://a.example.org/x", "http://127.0.0.1:9000", "http://[::1]:9000"]',
  );
  const { oauth, problems } = await parse(several + ANN);
  assert.deepEqual(problems, []);
  assert.deepEqual(oauth?.issuers.map(({ url }) => url), [
    "https://a.example.org/x",
    "http://127.0.0.1:9000",
    "http://[::1]:9000",
  ]);
  const named = await parse(`${RIGHT}jwks_url = "https://login.example.org/keys?x=1"\n${ANN}`);
  assert.equal(named.oauth?.issuers[0]?.jwksUrl, "https://login.example.org/keys?x=1");
  assert.deepEqual(
    (await parse(`${several}jwks_url = "https://login.example.org/keys"\n`)).problems,
    [
      "hosts.toml:5: error: oauth.jwks_url: is for one issuer alone: leave it out, and their metadata says where keys are",
    ],
  );
});

const TLS = 'must start with "https:", unless it is on this machine';
const URL_RULE = 'must be a URL such as "https://login.example.org"';
const faults: readonly (readonly [from: string, to: string, problem: string])[] = [
  ['issuer = "https://', 'issuer = "http://', `2: error: oauth.issuer: ${TLS}`],
  [
    "login.example.org",
    "login.example.org?x",
    '2: error: oauth.issuer: must not hold a query ("?")',
  ],
  [
    "login.example.org",
    "login.example.org#x",
    '2: error: oauth.issuer: must not hold a fragment ("#")',
  ],
  [
    "login.example.org",
    "a:b@login.example.org",
    "2: error: oauth.issuer: must not hold user information",
  ],
  ["https://login.example.org", "login.example.org", `2: error: oauth.issuer: ${URL_RULE}`],
  ["https://login.example.org", "file:///x", `2: error: oauth.issuer: ${URL_RULE}`],
  [
    '"https://login.example.org"',
    "[]",
    "2: error: oauth.issuer: must be the URL of an authorization server, or a list of such URLs",
  ],
  [
    '"https://login.example.org"',
    '["https://a.example.org", "http://b.example.org"]',
    `2: error: oauth.issuer: ${TLS}`,
  ],
  [
    '"https://login.example.org"',
    "1",
    "2: error: oauth.issuer: must be the URL of an authorization server, or a list of such URLs",
  ],
  ["https://hub.example.org", "http://hub.example.org", `3: error: oauth.audience: ${TLS}`],
  ["https://hub.example.org/mcp", "api://hub", `3: error: oauth.audience: ${URL_RULE}`],
  ['claim = "sub"', 'claim = ""', "4: error: oauth.claim: must not be empty"],
  ['claim = "sub"', "", "1: error: oauth.claim: is missing: set it to a text in quotes"],
  ['claim = "sub"', "claim = 1", "4: error: oauth.claim: must be a text in quotes"],
  ["claim =", "cliam =", '4: error: oauth.cliam: unknown field; did you mean "claim"?'],
  [
    'claim = "sub"',
    'claim = "sub"\nscopes = ["a b"]',
    "5: error: oauth.scopes.0: must hold scopes without white space",
  ],
  [
    'claim = "sub"',
    'claim = "sub"\nscopes = "a"',
    '5: error: oauth.scopes: must be a list such as ["mcp"]',
  ],
];

for (const [from, to, problem] of faults) {
  Deno.test(`parseRegistry() refuses [oauth] with ${to} for ${from}`, async () => {
    const { oauth, statesOauth, problems } = await parse(RIGHT.replace(from, to));
    assert.equal(oauth, null);
    assert.equal(statesOauth, true);
    assert.ok(problems.includes(`hosts.toml:${problem}`), problems.join("\n"));
  });
}

Deno.test("parseRegistry() asks for a client's token where there is no [oauth]", async () => {
  const { problems } = await parse("[clients.ann]\nread_only = true\n");
  assert.deepEqual(problems, [
    "hosts.toml:1: error: clients.ann: has no token: set token_file, token_env or token",
  ]);
});

Deno.test("parseRegistry() ignores [oauth] for a hub that none can reach", async () => {
  const { oauth, statesOauth } = await parse(RIGHT, { skipsClients: true });
  assert.deepEqual([oauth, statesOauth], [null, false]);
});

Deno.test("parseRegistry() warns of [oauth] where a token can name nobody", async () => {
  assert.deepEqual((await parse(RIGHT)).problems, [NO_CLIENT]);
});
