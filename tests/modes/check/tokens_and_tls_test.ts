import assert from "node:assert/strict";
import { check } from "./lab.ts";

Deno.test("runCheck() counts clients, with which a public bind needs no other token", async () => {
  const files = { "/r.toml": '[hosts.a]\nssh_host = "a"\n[clients.ann]\ntoken = "token"\n' };
  const { status, stdout } = await check("--bind 0.0.0.0 --registry /r.toml", { files });
  assert.deepEqual([status, stdout], [0, [
    "/r.toml: 1 host, 1 client, 0 errors, 0 warnings",
  ]]);
});

Deno.test("runCheck() refuses a client with the hub's own inbound token", async () => {
  const files = { "/r.toml": '[clients.ann]\ntoken = "canary"\n' };
  const world = { env: { LMCP_TOKEN: "canary" }, files };
  const { status, stdout } = await check("--registry /r.toml", world);
  assert.equal(status, 2);
  assert.match(stdout[0] ?? "", /^\/r\.toml:1: error: clients\.ann: has the same token/);
  assert.doesNotMatch(stdout.join(), /canary/);
});

Deno.test("runCheck() reports TLS files that do not belong together, if each is sound", async () => {
  const env = {
    LMCP_TLS_CERT: "/cert.pem",
    LMCP_TLS_KEY: "/key.pem",
    LMCP_HUB_BACKENDS: "/r.conf",
  };
  const files = { "/cert.pem": "c", "/key.pem": "k", "/r.conf": "a a\n" };
  const bad = await check("", { env, files, keyPairFault: "no match" });
  assert.equal(bad.status, 2);
  assert.match(
    bad.stdout.join("\n"),
    /LMCP_TLS_CERT: error: cannot be used with LMCP_TLS_KEY: c\+k: no /,
  );
  assert.equal((await check("", { env, files })).status, 0);
  const refused = new Deno.errors.PermissionDenied();
  const unreadable = { ...files, "/key.pem": { text: refused, mode: 0o100600 } };
  const { stdout } = await check("", { env, files: unreadable, keyPairFault: "no match" });
  assert.equal(stdout.length, 2);
  assert.match(
    stdout.join("\n"),
    /LMCP_TLS_KEY: error: cannot read "\/key\.pem": permission denied/,
  );
});

Deno.test("runCheck() warns of tokens that are too short to be hidden, wherever they are set", async () => {
  const short =
    "the token is shorter than 4 characters, so hiding it garbles words in answers and " +
    "logs: use a longer one";
  const toml = `[hosts.a]
lmcp_url = "http://a/"
token = "abc"
[hosts.b]
lmcp_url = "http://b/"
token = "abcd"
[hosts.c]
lmcp_url = "http://c/"
token_file = "/short"
[clients.ann]
token_env = "LMCP_ANN"
`;
  const { status, stdout } = await check("--registry /r.toml", {
    env: { LMCP_ANN: "x", LMCP_TOKEN_FILE: "/short", LMCP_HUB_CONF: "/conf" },
    files: { "/r.toml": toml, "/short": "no\n", "/conf": "\n.godparticle = me\n" },
  });
  assert.equal(status, 0);
  assert.deepEqual(stdout, [
    `/conf:2: warning: .godparticle: ${short}`,
    `LMCP_TOKEN_FILE: warning: ${short}`,
    `/r.toml:3: warning: hosts.a.token: ${short}`,
    `/r.toml:9: warning: hosts.c.token_file: ${short}`,
    `/r.toml:11: warning: clients.ann.token_env: ${short}`,
    "/r.toml: 3 hosts, 1 client, 0 errors, 5 warnings",
  ]);
  const legacy = { "/r.conf": "a - http://a/ abc\n" };
  assert.deepEqual((await check("--quiet --registry /r.conf", { files: legacy })).stdout, [
    `/r.conf:1: warning: a.token: ${short}`,
  ]);
});
