import assert from "node:assert/strict";
import { loadAgent, loadHub, problemsOf } from "./loaded_settings.ts";

Deno.test("loadHubSettings() has a default for everything", async () => {
  assert.deepEqual(await loadHub({}), {
    problems: [],
    settings: {
      name: "hub-tools",
      nats: null,
      bind: "127.0.0.1",
      port: 8090,
      token: null,
      allowedHosts: [],
      tls: null,
      log: { format: "text", level: "info" },
      listens: true,
      transport: "http",
      registryPath: "/etc/lmcp-hub/hosts.toml",
      registryNamedBy: null,
      timeouts: { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 },
      pinnedTimeouts: new Set(),
      probe: { upMs: 30_000, downMinMs: 30_000, downMaxMs: 300_000 },
      sshConfig: null,
      controlDirectories: ["/run/lmcp-hub", "/tmp/lmcp-hub"],
      sshSpares: 32,
      results: "text",
      answers: { maxChars: 30_000, waitMs: 45_000 },
      auditPath: null,
      auditRequired: true,
      auditChained: false,
      metricsPublic: false,
    },
  });
});

Deno.test("loadHubSettings() reads every variable, times in milliseconds", async () => {
  const env = {
    LMCP_NAME: "fleet",
    LMCP_HOST: "0.0.0.0",
    LMCP_PORT: "0",
    LMCP_TOKEN: "inbound",
    LMCP_ALLOWED_HOSTS: "Hub.example.org, [::1]",
    LMCP_TLS_CERT: "/cert.pem",
    LMCP_TLS_KEY: "/key.pem",
    LMCP_TRANSPORT: "http",
    LMCP_LOG: "json",
    LMCP_LOG_LEVEL: "debug",
    LMCP_HUB_BACKENDS: "/r.conf",
    LMCP_HUB_PROBE_TTL: "0.5",
    LMCP_HUB_PROBE_TTL_DOWN_MIN: "1",
    LMCP_HUB_PROBE_TTL_DOWN_MAX: "1",
    LMCP_HUB_CONNECT_TIMEOUT: "1.5",
    LMCP_HUB_LMCP_TIMEOUT: "2",
    LMCP_HUB_SSH_TIMEOUT: "3",
    LMCP_HUB_SSH_HARD_TIMEOUT: "4",
    LMCP_HUB_SSH_CONFIG: "/ssh_config",
    LMCP_HUB_CONTROL_DIR: "/control",
    LMCP_HUB_SSH_SPARES: "4",
    LMCP_HUB_RESULTS: "structured",
    LMCP_HUB_MAX_CHARS: "5000",
    LMCP_HUB_WAIT: "0",
    LMCP_HUB_AUDIT: "/audit",
    LMCP_HUB_AUDIT_REQUIRED: "0",
    LMCP_HUB_AUDIT_CHAIN: "1",
    LMCP_METRICS_PUBLIC: "1",
  };
  const files = { "/cert.pem": { text: "", mode: 0o644 }, "/key.pem": "" };
  const { settings: { token, ...settings }, problems } = await loadHub({ env, files });
  assert.deepEqual(problems, []);
  assert.equal(token?.reveal(), "inbound");
  assert.deepEqual(settings, {
    name: "fleet",
    nats: null,
    bind: "0.0.0.0",
    port: 0,
    allowedHosts: ["hub.example.org", "[::1]"],
    tls: { certPath: "/cert.pem", keyPath: "/key.pem" },
    log: { format: "json", level: "debug" },
    listens: true,
    transport: "http",
    registryPath: "/r.conf",
    registryNamedBy: "LMCP_HUB_BACKENDS",
    timeouts: { connectMs: 1500, lmcpMs: 2000, sshMs: 3000, sshHardMs: 4000 },
    pinnedTimeouts: new Set(["connectMs", "lmcpMs", "sshMs", "sshHardMs"]),
    probe: { upMs: 500, downMinMs: 1000, downMaxMs: 1000 },
    sshConfig: "/ssh_config",
    controlDirectories: ["/control"],
    sshSpares: 4,
    results: "structured",
    answers: { maxChars: 5_000, waitMs: 0 },
    auditPath: "/audit",
    auditRequired: false,
    auditChained: true,
    metricsPublic: true,
  });
});

Deno.test("loadAgentSettings() refuses an LMCP_ROOT that is not there", async () => {
  const { problems } = await loadAgent({ env: { LMCP_ROOT: "/srv" } });
  assert.deepEqual(problems, ['LMCP_ROOT: error: there is no directory "/srv"']);
});

const badValues: readonly (readonly [string, string, string])[] = [
  ["LMCP_PORT", "65536", 'must be a number from 0 to 65535, not "65536"'],
  ["LMCP_PORT", "-1", 'must be a number from 0 to 65535, not "-1"'],
  ["LMCP_PORT", "80.5", 'must be a number from 0 to 65535, not "80.5"'],
  ["LMCP_HOST", "[::1]", 'must be an IP address without brackets, or a name, not "[::1]"'],
  ["LMCP_NAME", " ", 'must be a text, not blank, without control characters, not " "'],
  ["LMCP_NAME", "a\nb", 'must be a text, not blank, without control characters, not "a\\nb"'],
  ["LMCP_TRANSPORT", "sse", 'must be "http" or "stdio", not "sse"'],
  ["LMCP_LOG", "xml", 'must be "text" or "json", not "xml"'],
  ["LMCP_LOG_LEVEL", "all", 'must be "error", "warn", "info" or "debug", not "all"'],
  ["LMCP_HUB_CONTROL_DIR", "run", 'must be an absolute path, not "run"'],
  ["LMCP_HUB_SSH_SPARES", "65", 'must be a whole number from 0 to 64, not "65"'],
  ["LMCP_HUB_SSH_SPARES", "-1", 'must be a whole number from 0 to 64, not "-1"'],
  ["LMCP_HUB_AUDIT_CHAIN", "yes", 'must be "0" or "1", not "yes"'],
  ["LMCP_HUB_AUDIT_CHAIN", "1", "needs a file: set LMCP_HUB_AUDIT, too"],
  ["LMCP_METRICS_PUBLIC", "yes", 'must be "0" or "1", not "yes"'],
  [
    "LMCP_ALLOWED_HOSTS",
    "a,https://b",
    'must be names by comma, without scheme and port, not "https://b"',
  ],
  [
    "LMCP_ALLOWED_HOSTS",
    "a:80",
    'must be names by comma, without scheme and port, not "a:80"',
  ],
  ["LMCP_ALLOWED_HOSTS", "*", 'must be names by comma, without scheme and port, not "*"'],
  ...["0", "-1", "x", "Infinity", "NaN", " ", "1000001"].map((text) =>
    [
      "LMCP_HUB_SSH_TIMEOUT",
      text,
      `must be a number of seconds above 0, at most 1000000, not "${text}"`,
    ] as const
  ),
];

for (const [name, value, message] of badValues) {
  Deno.test(`loadHubSettings() refuses ${name}=${JSON.stringify(value)}`, async () => {
    const env = { [name]: value };
    assert.deepEqual(await problemsOf({ env }), [`${name}: error: ${message}`]);
  });
}

Deno.test("loadHubSettings() accepts the numbers that Lua's tonumber accepts", async () => {
  for (const text of ["1e3", "0x3E8", " 1000 "]) {
    const { settings, problems } = await loadHub({ env: { LMCP_HUB_LMCP_TIMEOUT: text } });
    assert.deepEqual([settings.timeouts.lmcpMs, problems], [1_000_000, []], text);
  }
});

Deno.test("loadHubSettings() accepts a wait of a million seconds", async () => {
  const { settings } = await loadHub({ env: { LMCP_HUB_PROBE_TTL: "1000000" } });
  assert.equal(settings.probe.upMs, 1_000_000_000);
});

Deno.test("loadHubSettings() rounds a time up to at least a millisecond", async () => {
  const { settings } = await loadHub({ env: { LMCP_HUB_PROBE_TTL: "0.0001" } });
  assert.equal(settings.probe.upMs, 1);
});

Deno.test("loadAgentSettings() refuses a directory that is not absolute", async () => {
  const { problems } = await loadAgent({
    env: { LMCP_ROOT: "srv", LMCP_STATE_DIR: "state", LMCP_DENY_PATHS: "/srv:data" },
  });
  assert.deepEqual(problems, [
    'LMCP_ROOT: error: must be an absolute path, not "srv"',
    'LMCP_DENY_PATHS: error: must be absolute paths by colon, not "data"',
    'LMCP_STATE_DIR: error: must be an absolute path, not "state"',
  ]);
});

Deno.test("loadHubSettings() reports all problems, and keeps the default of a bad value", async () => {
  const { settings, problems } = await loadHub({
    env: { LMCP_PORT: "x", LMCP_LOG: "y", LMCP_TOKEN: "", LMCP_TLS_KEY: "/k" },
  });
  assert.deepEqual(problems, [
    'LMCP_PORT: error: must be a number from 0 to 65535, not "x"',
    'LMCP_LOG: error: must be "text" or "json", not "y"',
    "LMCP_TOKEN: error: the token is empty",
    "LMCP_TLS_KEY: error: is set without LMCP_TLS_CERT: TLS needs both",
  ]);
  assert.equal(settings.port, 8090);
  assert.equal(settings.log.format, "text");
});

Deno.test("loadHubSettings() refuses a first wait above the longest", async () => {
  assert.deepEqual(await problemsOf({ env: { LMCP_HUB_PROBE_TTL_DOWN_MIN: "301" } }), [
    "LMCP_HUB_PROBE_TTL_DOWN_MIN: error: must not be above LMCP_HUB_PROBE_TTL_DOWN_MAX (300 s)",
  ]);
});

Deno.test("loadHubSettings() does not pass by a registry that it may not look at", async () => {
  const [toml, legacy] = ["/etc/lmcp-hub/hosts.toml", "/opt/herding/etc/hub-backends.conf"];
  const files = { [toml]: new Deno.errors.PermissionDenied(), [legacy]: "" };
  assert.equal((await loadHub({ files })).settings.registryPath, toml);
});

for (const bind of ["0.0.0.0", "::", "192.0.2.1", "127.evil.example", "hub.example.org"]) {
  Deno.test(`loadHubSettings() refuses to listen on ${bind} without a token`, async () => {
    const message = `"${bind}" can be reached from other machines, which needs an inbound token: ` +
      "set LMCP_TOKEN_FILE";
    assert.deepEqual(await problemsOf({ env: { LMCP_HOST: bind } }), [
      `LMCP_HOST: error: ${message}`,
    ]);
    assert.deepEqual(await problemsOf({ env: { LMCP_HOST: bind, LMCP_TOKEN: "token" } }), []);
    assert.deepEqual((await loadAgent({ flags: { bind } })).problems, [
      `--bind: error: ${message}`,
    ]);
  });
}

Deno.test("loadHubSettings() refuses to listen on a name that nobody knows, with and without a token", async () => {
  const message = '"banana" is not a known name: use an IP address of this machine, or localhost';
  const world = { canResolve: false, env: { LMCP_HOST: "banana" } };
  assert.deepEqual(await problemsOf(world), [`LMCP_HOST: error: ${message}`]);
  assert.deepEqual(await problemsOf({ ...world, env: { ...world.env, LMCP_TOKEN: "of-hub" } }), [
    `LMCP_HOST: error: ${message}`,
  ]);
  const flags = { bind: "banana" };
  assert.deepEqual(await problemsOf({ canResolve: false, flags }), [`--bind: error: ${message}`]);
  assert.deepEqual((await loadAgent({ canResolve: false, flags })).problems, [
    `--bind: error: ${message}`,
  ]);
  assert.deepEqual(await problemsOf({ ...world, mode: "stdio" }), []);
});

Deno.test("loadHubSettings() looks up no IP address, and not localhost", async () => {
  for (const bind of ["127.0.0.1", "::1", "localhost"]) {
    assert.deepEqual(await problemsOf({ flags: { bind }, canResolve: false }), []);
  }
});

for (const bind of ["127.0.0.1", "127.255.0.3", "::1", "localhost"]) {
  Deno.test(`loadHubSettings() listens on ${bind} without a token`, async () => {
    assert.deepEqual(await problemsOf({ flags: { bind } }), []);
  });
}

Deno.test("loadHubSettings() needs neither token nor TLS where it does not listen", async () => {
  const env = { LMCP_HOST: "0.0.0.0", LMCP_TOKEN_FILE: "/missing", LMCP_TLS_KEY: "/missing" };
  assert.deepEqual(await problemsOf({ env, mode: "probe" }), []);
  assert.deepEqual(await problemsOf({ env, mode: "stdio" }), []);
  assert.deepEqual(await problemsOf({ env: { ...env, LMCP_TRANSPORT: "stdio" } }), []);
  assert.equal((await problemsOf({ env, mode: "check" })).length, 2);
});

Deno.test("loadHubSettings() checks both TLS files", async () => {
  const env = { LMCP_TLS_CERT: "/cert.pem", LMCP_TLS_KEY: "/key.pem" };
  assert.deepEqual(await problemsOf({ env, files: { "/key.pem": { text: "", mode: 0o644 } } }), [
    'LMCP_TLS_CERT: error: cannot read "/cert.pem": no such file',
    'LMCP_TLS_KEY: error: "/key.pem" is open to other users (mode 0644): chmod it to 0600',
  ]);
});
