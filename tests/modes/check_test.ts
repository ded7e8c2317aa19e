import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import type { Screen } from "../../lib/cli/paint.ts";
import { runCheck } from "../../lib/modes/check.ts";
import { type FakeFile, fakeSources } from "../config/fake_sources.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly canWriteKnownHosts?: boolean;
  readonly keyPairFault?: string;
  readonly screen?: Screen;
  /** Why no directory can hold ssh's sockets. */
  readonly controlFault?: string;
}

const PIPE: Screen = { isTerminal: false, noColor: false };

async function check(
  line: string,
  { canWriteKnownHosts = true, keyPairFault, controlFault, screen = PIPE, ...world }: World,
) {
  const command = parseCommand(`--check ${line}`.trim().split(" "));
  assert.ok(command.mode === "check");
  const stdout: string[] = [];
  const stderr: string[] = [];
  const status = await runCheck(command, {
    ...fakeSources(world),
    name: "lmcp-hub",
    screen,
    stdout: (text) => stdout.push(text),
    stderr: (text) => stderr.push(text),
    canWriteKnownHosts: () => Promise.resolve(canWriteKnownHosts),
    findControlFault: (path) => Promise.resolve(controlFault ? `${path}: ${controlFault}` : null),
    findKeyPairFault: ({ cert, key }) => keyPairFault ? `${cert}+${key}: ${keyPairFault}` : null,
  });
  return { status, stdout, stderr };
}

Deno.test("runCheck() sums up a sound configuration and succeeds", async () => {
  const files = { "/r.conf": "a a\nb b\n" };
  assert.deepEqual(await check("--registry /r.conf", { files }), {
    status: 0,
    stdout: ["/r.conf: 2 hosts, 0 errors, 0 warnings"],
    stderr: [],
  });
});

Deno.test("runCheck() prints every problem of settings and registry, and fails", async () => {
  const world = {
    env: { LMCP_PORT: "x", LMCP_HUB_BACKENDS: "/r.toml" },
    files: { "/r.toml": "[hosts.a]\nssh_host = 1\n[hosts.b]\n" },
  };
  assert.deepEqual(await check("", world), {
    status: 2,
    stdout: [
      'LMCP_PORT: error: must be a number from 0 to 65535, not "x"',
      "/r.toml:2: error: hosts.a.ssh_host: must be a text in quotes",
      "/r.toml:3: warning: hosts.b: has neither lmcp_url nor ssh_host, " +
      "so it cannot be reached",
      "/r.toml: 1 host, 2 errors, 1 warning",
    ],
    stderr: [],
  });
});

Deno.test("runCheck() succeeds with warnings alone", async () => {
  const { status, stdout } = await check("--registry /r.conf", { files: { "/r.conf": "a\n" } });
  assert.equal(status, 0);
  assert.equal(stdout.at(-1), "/r.conf: 0 hosts, 0 errors, 2 warnings");
});

Deno.test("runCheck() warns of a registry without hosts", async () => {
  const { status, stdout } = await check("--registry /r.conf", { files: { "/r.conf": "\n" } });
  assert.equal(status, 0);
  assert.equal(stdout[0], "/r.conf: warning: has no hosts");
});

Deno.test("runCheck() prints problems alone with --quiet", async () => {
  const files = { "/r.conf": "a a\n" };
  assert.deepEqual((await check("--quiet --registry /r.conf", { files })).stdout, []);
});

Deno.test("runCheck() warns of a missing registry that nothing names", async () => {
  assert.deepEqual(await check("", {}), {
    status: 0,
    stdout: [
      "/etc/lmcp-hub/hosts.toml: warning: there is no such file, nor /opt/herding/etc/hub-backends.conf: no hosts",
      "/etc/lmcp-hub/hosts.toml: 0 hosts, 0 errors, 1 warning",
    ],
    stderr: [],
  });
});

for (
  const [line, env, source] of [
    ["--registry /no.toml", {}, "--registry"],
    ["", { LMCP_HUB_BACKENDS: "/no.toml" }, "LMCP_HUB_BACKENDS"],
    ["--registry /no.toml", { LMCP_HUB_BACKENDS: "/r.toml" }, "--registry"],
  ] as const
) {
  Deno.test(`runCheck() fails for a missing registry that is named: ${line} ${Object.keys(env)}`, async () => {
    assert.deepEqual(await check(line, { env, files: { "/r.toml": "" } }), {
      status: 2,
      stdout: [
        `${source}: error: cannot read "/no.toml": no such file`,
        "/no.toml: 0 hosts, 1 error, 0 warnings",
      ],
      stderr: [],
    });
  });
}

Deno.test("runCheck() fails for a missing configuration file of ssh", async () => {
  const env = { LMCP_HUB_SSH_CONFIG: "/ssh_config" };
  const missing = await check("--registry /r.conf", { env, files: { "/r.conf": "a a\n" } });
  assert.equal(missing.status, 2);
  assert.equal(
    missing.stdout[0],
    'LMCP_HUB_SSH_CONFIG: error: cannot read "/ssh_config": no such file',
  );
  const files = { "/r.conf": "a a\n", "/ssh_config": "" };
  assert.equal((await check("--registry /r.conf", { env, files })).status, 0);
});

Deno.test("runCheck() warns of a known_hosts that cannot be written, where ssh is used", async () => {
  const firstLine = async (registry: string) => {
    const world = { files: { "/r.conf": registry }, canWriteKnownHosts: false };
    return (await check("--registry /r.conf", world)).stdout[0];
  };
  assert.match(await firstLine("a a\n") ?? "", /^known_hosts: warning: ssh cannot write/);
  assert.match(await firstLine("a - http://a/\n") ?? "", /0 warnings$/);
});

Deno.test("runCheck() warns where a backend is reached through ssh, and ssh keeps no connection", async () => {
  const world = (url: string) => ({
    files: { "/r.toml": `[hosts.a]\nlmcp_url = "${url}"\n` },
    controlFault: "others may enter it",
  });
  const line = "--registry /r.toml --quiet";
  const { status, stdout } = await check(line, world("ssh://a:8080/mcp"));
  assert.equal(status, 0);
  assert.deepEqual(stdout, [
    'LMCP_HUB_CONTROL_DIR: warning: an lmcp_url that starts with "ssh:" cannot be used: ' +
    "/run/lmcp-hub: others may enter it; /tmp/lmcp-hub: others may enter it",
  ]);
  assert.deepEqual((await check(line, world("http://a:8080/mcp"))).stdout, []);
});

Deno.test("runCheck() warns of a known_hosts where a backend is reached through ssh alone", async () => {
  const files = { "/r.toml": '[hosts.a]\nlmcp_url = "ssh://a:8080/mcp"\n' };
  const { stdout } = await check("--registry /r.toml", { files, canWriteKnownHosts: false });
  assert.match(stdout[0] ?? "", /^known_hosts: warning: /);
});

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

Deno.test("runCheck() checks the flags of the command line to come", async () => {
  const { status, stdout } = await check("--bind 0.0.0.0 --registry /r.conf", {
    files: { "/r.conf": "a a\n" },
  });
  assert.equal(status, 2);
  assert.match(stdout[0] ?? "", /^--bind: error: "0\.0\.0\.0" can be reached/);
});

Deno.test("runCheck() prints the legacy registry as TOML, warnings on stderr", async () => {
  const files = { "/r.conf": "lost\na a http://a/ canary\n" };
  const { status, stdout, stderr } = await check("--format toml --registry /r.conf", { files });
  assert.equal(status, 0);
  assert.match(stdout.join("\n"), /^\[hosts\.a\]\nssh_host = "a"\nlmcp_url = "http:\/\/a\/"\n/m);
  assert.doesNotMatch(stdout.join("\n"), /canary/);
  assert.deepEqual(stderr.map((text) => text.slice(0, 18)), ["/r.conf:1: warning"]);
});

Deno.test("runCheck() shows tokens in TOML if asked to", async () => {
  const files = { "/r.conf": "a a http://a/ canary\n" };
  const { stdout } = await check("--format toml --show-tokens --registry /r.conf", { files });
  assert.match(stdout.join("\n"), /^token = "canary"$/m);
});

Deno.test("runCheck() prints no TOML at all where a host would be lost", async () => {
  const files = { "/r.conf": "a a\nb -oX\n" };
  const { status, stdout, stderr } = await check("--format toml --registry /r.conf", { files });
  assert.deepEqual([status, stdout], [2, []]);
  assert.match(stderr[0] ?? "", /^\/r\.conf:2: error: b\.ssh_host: /);
});

Deno.test("runCheck() does not convert a registry that is TOML or missing", async () => {
  assert.deepEqual(await check("--format toml --registry /r.toml", { files: { "/r.toml": "" } }), {
    status: 2,
    stdout: [],
    stderr: ['lmcp-hub: Cannot convert registry "/r.toml": it is TOML already'],
  });
  assert.deepEqual(await check("--format toml --registry /no.conf", {}), {
    status: 2,
    stdout: [],
    stderr: ["hub: no backend registry at /no.conf"],
  });
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

const COLORED = [
  "/r.conf: \x1b[33mwarning\x1b[0m: has no hosts",
  "/r.conf: 0 hosts, \x1b[32m0 errors\x1b[0m, \x1b[33m1 warning\x1b[0m",
];
const PLAIN = ["/r.conf: warning: has no hosts", "/r.conf: 0 hosts, 0 errors, 1 warning"];
const SCREENS: readonly (readonly [string, string, Screen, readonly string[]])[] = [
  ["a pipe", "", PIPE, PLAIN],
  ["a terminal", "", { isTerminal: true, noColor: false }, COLORED],
  ["a terminal, with NO_COLOR", "", { isTerminal: true, noColor: true }, PLAIN],
  ["a terminal, with --color never", "--color never", { ...PIPE, isTerminal: true }, PLAIN],
  ["a pipe, with --color always", "--color always", { ...PIPE, noColor: true }, COLORED],
];
for (const [where, flags, screen, printed] of SCREENS) {
  Deno.test(`runCheck() prints colours or none to ${where}`, async () => {
    const files = { "/r.conf": "\n" };
    const { stdout } = await check(`--registry /r.conf ${flags}`.trim(), { files, screen });
    assert.deepEqual(stdout, printed);
  });
}
