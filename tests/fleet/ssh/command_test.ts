import assert from "node:assert/strict";
import {
  type SshClient,
  sshCommand,
  sshExitCommand,
  sshForwardCommand,
} from "../../../lib/fleet/ssh/command.ts";
import { openSshdTarget, sshHost, sshTest } from "./target.ts";

const client: SshClient = { program: "ssh", configFile: null, secretVariables: () => [] };

/** What keeps the pipes to the protocol, whatever a user's config says. */
const PLAIN_SESSION = [
  "BatchMode=yes",
  "LogLevel=ERROR",
  "RemoteCommand=none",
  "PermitLocalCommand=no",
  "LogVerbose=none",
  "SessionType=default",
  "StdinNull=no",
  "ForkAfterAuthentication=no",
].flatMap((option) => ["-o", option]);

/** The options that every ssh process gets. */
const COMMON = [
  ...PLAIN_SESSION,
  ...[
    "StrictHostKeyChecking=accept-new",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=2",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
  ].flatMap((option) => ["-o", option]),
];

Deno.test("sshCommand() returns exactly this argument vector with a control directory", () => {
  const command = sshCommand(client, sshHost({ sshHost: "boltzmann" }), { directory: "/run/c" });
  assert.equal(command.program, "ssh");
  assert.deepEqual(command.args, [
    ...COMMON,
    "-o",
    "ControlMaster=auto",
    "-o",
    "ControlPersist=60",
    "-o",
    "StreamLocalBindUnlink=yes",
    "-o",
    "ControlPath=/run/c/%C",
    "-T",
    "--",
    "boltzmann",
    "bash -s",
  ]);
});

Deno.test("sshCommand() neither makes nor uses a master without a control directory", () => {
  const { args } = sshCommand(client, sshHost({ sshHost: "boltzmann" }), { directory: null });
  assert.deepEqual(args, [
    ...COMMON,
    "-o",
    "ControlMaster=no",
    "-o",
    "ControlPath=none",
    "-T",
    "--",
    "boltzmann",
    "bash -s",
  ]);
});

Deno.test("sshCommand() starts with -F where a configuration file is set", () => {
  const command = sshCommand({ ...client, configFile: "/etc/hub/ssh" }, sshHost(), {
    directory: null,
  });
  assert.deepEqual(command.args, ["-F", "/etc/hub/ssh", ...command.args.slice(2)]);
});

for (const [sshMs, seconds] of [[10_000, 10], [1_500, 2], [300, 1], [1, 1]] as const) {
  Deno.test(`sshCommand() gives ssh ${seconds} s to connect for ${sshMs} ms`, () => {
    const { args } = sshCommand(client, sshHost({ sshMs }), { directory: null });
    assert.ok(args.includes(`ConnectTimeout=${seconds}`), args.join(" "));
  });
}

for (const sshHost_ of ["-oProxyCommand=id", "user@-oX", "[-ofoo]"]) {
  Deno.test(`sshCommand() puts "--" before the destination ${sshHost_}`, () => {
    const { args } = sshCommand(client, sshHost({ sshHost: sshHost_ }), { directory: null });
    assert.deepEqual(args.slice(-3), ["--", sshHost_, "bash -s"]);
  });
}

Deno.test("sshCommand() empties LD_LIBRARY_PATH and every variable that holds a secret", () => {
  let names = ["LMCP_TOKEN"];
  const changing = { ...client, secretVariables: () => names };
  names = ["LMCP_TOKEN", "LMCP_TOKEN_BOLTZMANN"];
  const { env } = sshCommand(changing, sshHost(), { directory: null });
  assert.deepEqual(env, { LD_LIBRARY_PATH: "", LMCP_TOKEN: "", LMCP_TOKEN_BOLTZMANN: "" });
});

Deno.test("sshCommand() throws for a host without ssh_host", () => {
  const host = { ...sshHost(), sshHost: null };
  assert.throws(() => sshCommand(client, host, { directory: null }), TypeError);
});

Deno.test("sshExitCommand() asks the master, and cannot ask the user", () => {
  assert.deepEqual(sshExitCommand(client, sshHost({ sshHost: "boltzmann" }), "/run/c").args, [
    ...PLAIN_SESSION,
    "-o",
    "ControlPath=/run/c/%C",
    "-O",
    "exit",
    "--",
    "boltzmann",
  ]);
});

sshTest("Ssh.run() hides a token even from an ssh that sends its environment on", async () => {
  const name = "LMCP_TEST_CANARY";
  Deno.env.set(name, "s3cret-canary");
  try {
    await using target = await openSshdTarget({
      secretVariables: [name],
      clientConfig: ["SendEnv LMCP_*"],
      serverConfig: ["AcceptEnv LMCP_*"],
    });
    const { stdout } = await target.run(`printf '<%s>' "\${${name}-unset}"`);
    assert.equal(stdout, "<>");
  } finally {
    Deno.env.delete(name);
  }
});

Deno.test("sshForwardCommand() returns exactly this argument vector, and reads no configuration", () => {
  const request = {
    destination: "boltzmann",
    socket: "/run/a:b/cafe/f00d",
    path: "/run/a:b/cafe/8080.port",
    port: 8080,
  };
  assert.deepEqual(sshForwardCommand({ ...client, configFile: "/etc/hub/ssh" }, request).args, [
    "-F",
    "/dev/null",
    "-o",
    "BatchMode=yes",
    "-o",
    "LogLevel=ERROR",
    "-o",
    "ControlPath=/run/a:b/cafe/f00d",
    "-O",
    "forward",
    "-L",
    "/run/a\\:b/cafe/8080.port:127.0.0.1:8080",
    "--",
    "boltzmann",
  ]);
});
