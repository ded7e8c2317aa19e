import assert from "node:assert/strict";
import { type SshClient, sshCommand } from "../../../lib/fleet/ssh/command.ts";
import { findProcesses, until } from "../../processes.ts";
import { openSshdTarget, sshHost, sshTest } from "./target.ts";

/** Lines of a user's config, each of which would break a call if it stayed in force. */
const BREAKING = [
  "SessionType none",
  "SessionType subsystem",
  "ForkAfterAuthentication yes",
  "StdinNull yes",
  "PermitLocalCommand yes\n  LocalCommand cat",
  "PermitLocalCommand yes\n  LocalCommand echo theirs; echo theirs >&2",
  "LogVerbose *:*:*",
  "LogLevel DEBUG3",
  "RequestTTY force",
  "RemoteCommand echo theirs",
  "EscapeChar a",
  "Tunnel yes\n  ExitOnForwardFailure yes",
  "RemoteForward 1 127.0.0.1:9\n  ExitOnForwardFailure yes",
];

for (const line of BREAKING) {
  sshTest(`Ssh.run() is not harmed by a user's ${JSON.stringify(line)}`, async () => {
    await using target = await openSshdTarget({ clientConfig: [line] });
    for (const reuse of [true, true, false]) {
      const result = await target.run("tty; cat; echo ~.aa; echo err >&2; exit 3", { reuse });
      assert.deepEqual([result.kind, result.exitCode, result.reason], ["ran", 3, null]);
      assert.deepEqual([result.stdout, result.stderr], ["not a tty\n~.aa\n", "err\n"]);
    }
  });
}

sshTest(
  "Ssh.run() is not harmed by a user's options that ssh does not know, nor by their list",
  async () => {
    await using target = await openSshdTarget({
      clientConfig: ["IgnoreUnknown UseKeychain,Its*", "UseKeychain yes", "ItsOwn yes"],
    });
    assert.equal((await target.run("echo mine")).stdout, "mine\n");
  },
);

sshTest("Ssh.close() ends a master whatever a user's config says", async () => {
  await using target = await openSshdTarget({
    clientConfig: ["SessionType none", "ForkAfterAuthentication yes", "StdinNull yes"],
  });
  await target.run(":");
  assert.equal((await findProcesses(`ssh: ${target.control}/`)).length, 1);
  await target.ssh.close();
  await until(async () => (await findProcesses(`ssh: ${target.control}/`)).length === 0);
});

/** Runs ssh with further arguments before the destination; returns its exit code and its output. */
async function printConfig(client: SshClient, extra: readonly string[]) {
  const { args } = sshCommand(client, sshHost({ sshHost: "example" }), { directory: null });
  const end = args.indexOf("--");
  const { code, stdout } = await new Deno.Command(client.program, {
    args: [...args.slice(0, end), ...extra, "-G", ...args.slice(end)],
    stderr: "null",
  }).output();
  return { code, lines: new TextDecoder().decode(stdout).split("\n") };
}

sshTest("sshCommand() overrides in ssh's own eyes what would break a call", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `Host *\n  ${BREAKING.join("\n  ")}\n  StdinNull yes\n`);
  const client = { program: "ssh", configFile: config, secretVariables: () => [] };
  const { code, lines } = await printConfig(client, []);
  assert.equal(code, 0);
  for (
    const line of [
      "sessiontype default",
      "forkafterauthentication no",
      "stdinnull no",
      "permitlocalcommand no",
      "loglevel ERROR",
      "requesttty false",
      "batchmode yes",
    ]
  ) assert.ok(lines.includes(line), line);
  assert.deepEqual(lines.filter((line) => /^(remotecommand|localforward) /.test(line)), []);
  await Deno.remove(config);
});

sshTest("Ssh.run() runs once with an ssh older than its options", async () => {
  const program = await Deno.makeTempFile();
  await Deno.writeTextFile(
    program,
    `#!/bin/sh
echo start >>${program}.log
case "$*" in *SessionType*)
  echo 'command-line: line 0: Bad configuration option: sessiontype' >&2
  exit 255
esac
exec ssh "$@"
`,
  );
  await Deno.chmod(program, 0o755);
  await using target = await openSshdTarget({ program });
  for (const reuse of [true, false]) {
    assert.equal((await target.run("echo ran", { reuse })).stdout, "ran\n");
  }
  assert.equal(await Deno.readTextFile(`${program}.log`), "start\n".repeat(3));
  await Deno.remove(program);
  await Deno.remove(`${program}.log`);
});

sshTest("Ssh.run() does not pass over a misspelt option of a user's config", async () => {
  await using target = await openSshdTarget({ clientConfig: ["ProxyJmp nowhere"] });
  const result = await target.run("echo ran");
  assert.equal(result.kind, "not_delivered");
  assert.match(result.reason ?? "", /line \d+: Bad configuration option: proxyjmp/);
});
