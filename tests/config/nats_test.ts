import assert from "node:assert/strict";
import { loadAgent, loadHub } from "./loaded_settings.ts";

const url = { LMCP_NATS_URL: "nats://a.example:4333, tls://[::1], c" };

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
const PRIVATE_KEY = "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n";

Deno.test("LMCP_NATS_URL names servers, one of which may need TLS", async () => {
  const { settings, problems } = await loadHub({ env: url });
  assert.deepEqual(problems, []);
  assert.deepEqual(settings.nats?.servers, ["a.example:4333", "[::1]:4222", "c:4222"]);
  assert.equal(settings.nats.needsTls, true);
  assert.equal((await loadHub({})).settings.nats, null);
});

Deno.test("LMCP_NATS_URL is refused with a password in it, which is not repeated", async () => {
  for (const bad of ["nats://hub:s3cret@a.example", "http://a.example", "a b", "a:70000", "a,,b"]) {
    const env = { LMCP_NATS_URL: bad, LMCP_NATS_USER: "hub" };
    const { problems } = await loadHub({ env });
    assert.equal((await loadAgent({ env })).settings.listens, false);
    assert.deepEqual(problems, [
      "LMCP_NATS_URL: error: must be nats://HOST:PORT or tls://HOST:PORT, several by comma, " +
      "without user and password",
    ]);
  }
});

Deno.test("the credentials for NATS are read from files, and never shown", async () => {
  const { settings, problems } = await loadHub({
    env: {
      ...url,
      LMCP_NATS_USER: "hub",
      LMCP_NATS_PASSWORD_FILE: "/pw",
      LMCP_NATS_CA: "/ca",
      LMCP_NATS_CERT: "/cert",
      LMCP_NATS_KEY: "/key",
    },
    files: {
      "/pw": { text: "s3cret\n", mode: 0o600 },
      "/ca": { text: CERTIFICATE, mode: 0o644 },
      "/cert": { text: CERTIFICATE, mode: 0o644 },
      "/key": { text: PRIVATE_KEY, mode: 0o600 },
    },
  });
  assert.deepEqual(problems, []);
  const { nats } = settings;
  assert.equal(nats?.password?.reveal(), "s3cret");
  assert.equal(nats.key?.reveal(), PRIVATE_KEY);
  assert.deepEqual([nats.ca, nats.cert, nats.user], [CERTIFICATE, CERTIFICATE, "hub"]);
  assert.ok(!JSON.stringify(nats).includes("s3cret"));
});

Deno.test("files for TLS to NATS that hold something else are refused, and not repeated", async () => {
  const { problems } = await loadHub({
    env: { ...url, LMCP_NATS_CA: "/ca", LMCP_NATS_CERT: "/cert", LMCP_NATS_KEY: "/key" },
    files: {
      "/ca": { text: "s3cret", mode: 0o644 },
      "/cert": { text: PRIVATE_KEY, mode: 0o644 },
      "/key": { text: CERTIFICATE, mode: 0o600 },
    },
  });
  assert.deepEqual(problems, [
    'LMCP_NATS_CA: error: "/ca" holds no certificate in PEM form',
    'LMCP_NATS_CERT: error: "/cert" holds no certificate in PEM form',
    'LMCP_NATS_KEY: error: "/key" holds no private key in PEM form',
  ]);
});

Deno.test("a key for NATS with a passphrase is refused, since nobody is there to be asked", async () => {
  const keys = [
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMA==\n",
  ];
  for (const text of keys) {
    const { problems } = await loadHub({
      env: { ...url, LMCP_NATS_CERT: "/cert", LMCP_NATS_KEY: "/key" },
      files: { "/cert": { text: CERTIFICATE, mode: 0o644 }, "/key": { text, mode: 0o600 } },
    });
    assert.deepEqual(problems, [
      'LMCP_NATS_KEY: error: "/key" has a passphrase, which nobody can be asked for: remove it',
    ]);
  }
});

Deno.test("settings for NATS that do not fit together are refused", async () => {
  const files = { "/creds": { text: "C", mode: 0o644 }, "/pw": { text: "P", mode: 0o600 } };
  const problemsOf = async (env: Record<string, string>) =>
    (await loadHub({ env: { ...url, ...env }, files })).problems;
  assert.deepEqual(await problemsOf({ LMCP_NATS_CREDS: "/creds" }), [
    'LMCP_NATS_CREDS: error: "/creds" is open to other users (mode 0644): chmod it to 0600',
  ]);
  assert.deepEqual(await problemsOf({ LMCP_NATS_CREDS: "/none" }), [
    'LMCP_NATS_CREDS: error: cannot read "/none": no such file',
  ]);
  assert.deepEqual(await problemsOf({ LMCP_NATS_PASSWORD: "x" }), [
    "LMCP_NATS_USER: error: is not set, but its password is",
  ]);
  assert.deepEqual(
    await problemsOf({
      LMCP_NATS_USER: "u",
      LMCP_NATS_PASSWORD: "x",
      LMCP_NATS_PASSWORD_FILE: "/pw",
    }),
    ["LMCP_NATS_PASSWORD_FILE: error: is set together with LMCP_NATS_PASSWORD: unset one of them"],
  );
  assert.deepEqual((await loadHub({ env: { LMCP_NATS_USER: "u" } })).problems, [
    "LMCP_NATS_USER: error: is set without LMCP_NATS_URL",
  ]);
});

Deno.test("an agent with LMCP_NATS_URL listens only where a port or an address is set", async () => {
  const listens = async (env: Record<string, string>, flags = {}) =>
    (await loadAgent({ env: { LMCP_TOKEN: "t0ken", ...env }, flags })).settings.listens;
  assert.equal(await listens({}), true);
  assert.equal(await listens(url), false);
  assert.equal(await listens({ ...url, LMCP_PORT: "0" }), true);
  assert.equal(await listens({ ...url, LMCP_HOST: "127.0.0.1" }), true);
  assert.equal(await listens(url, { port: 0 }), true);
  assert.equal(await listens(url, { argumentPort: 8080 }), true);
});

Deno.test("an agent's name and tags for NATS are checked", async () => {
  const { settings, problems } = await loadAgent({
    env: { ...url, LMCP_NATS_NAME: "web01.lab", LMCP_TAGS: "lab, gpu" },
  });
  assert.deepEqual(problems, []);
  assert.equal(settings.natsName, "web01.lab");
  assert.deepEqual(settings.tags, ["lab", "gpu"]);
  assert.deepEqual((await loadAgent({ env: { ...url, LMCP_NATS_NAME: "a b" } })).problems, [
    `LMCP_NATS_NAME: error: must be a host's name, not "a b"`,
  ]);
});
