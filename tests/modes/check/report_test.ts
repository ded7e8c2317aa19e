import assert from "node:assert/strict";
import type { Screen } from "../../../lib/cli/paint.ts";
import { check, PIPE } from "./lab.ts";

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

Deno.test("runCheck() counts commands, and refuses one that runs its caller's text", async () => {
  const text = '[hosts.a]\nssh_host = "a"\n[commands.c]\nrun = ["df"]\n';
  const good = await check("--registry /r.toml", { files: { "/r.toml": text } });
  assert.equal(good.stdout.at(-1), "/r.toml: 1 host, 1 command, 0 errors, 0 warnings");
  const evil = `${text}[commands.d]\nrun = ["sudo", "xargs", "{x}"]\nargs.x = "a"\n`;
  const { status, stdout } = await check("--registry /r.toml", { files: { "/r.toml": evil } });
  assert.deepEqual([status, stdout[0]], [
    2,
    '/r.toml:6: error: commands.d.run: hands an argument to "xargs", which can run it: name the ' +
    "program itself, or put this into a script on the hosts",
  ]);
});

Deno.test("runCheck() checks the flags of the command line to come", async () => {
  const { status, stdout } = await check("--bind 0.0.0.0 --registry /r.conf", {
    files: { "/r.conf": "a a\n" },
  });
  assert.equal(status, 2);
  assert.match(stdout[0] ?? "", /^--bind: error: "0\.0\.0\.0" can be reached/);
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

Deno.test("runCheck() says which calls wait for a person", async () => {
  const registry = `
[hosts.web1]
ssh_host = "w"
tags = ["prod"]
[hosts.web2]
ssh_host = "w"
tags = ["prod"]
[[confirm]]
tags = ["prod"]
[[confirm]]
tools = ["remote_copy"]
min_hosts = 5
by = "operator"
[commands.boot]
run = ["reboot"]
confirm = true
`;
  const files = { "/r.toml": registry };
  assert.deepEqual((await check("--registry /r.toml", { files })).stdout, [
    "/r.toml: confirm: whatever changes something on web[1-2]: the client's user is asked, or the operator",
    "/r.toml: confirm: remote_copy on 5 or more of any host: the operator is asked",
    "/r.toml: confirm: the commands boot: the client's user is asked, or the operator",
    "/r.toml: 2 hosts, 1 command, 0 errors, 0 warnings",
  ]);
  assert.deepEqual((await check("--registry /r.toml --quiet", { files })).stdout, []);
});

Deno.test("runCheck() warns of hosts on NATS for a hub that is not, and of no hosts that may come", async () => {
  const warning = "LMCP_NATS_URL: warning: is not set, so no host can be reached over NATS, " +
    "although the registry says so";
  const files = { "/a.toml": "[hosts.a]\nnats = true\n", "/b.toml": "[nats]\ndiscover = true\n" };
  const env = { LMCP_NATS_URL: "nats://broker" };
  assert.deepEqual((await check("--registry /a.toml", { files })).stdout, [
    warning,
    "/a.toml: 1 host, 0 errors, 1 warning",
  ]);
  assert.deepEqual((await check("--registry /b.toml", { files })).stdout, [
    warning,
    "/b.toml: 0 hosts, 0 errors, 1 warning",
  ]);
  for (const path of ["/a.toml", "/b.toml"]) {
    assert.match((await check(`--registry ${path}`, { files, env })).stdout.join(), /0 warnings$/);
  }
});
