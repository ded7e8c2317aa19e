import assert from "node:assert/strict";
import type { Ssh } from "../../../lib/fleet/ssh/client.ts";
import { OutputCapture } from "../../../lib/shell/output.ts";
import { META_CLAIM } from "../../../lib/work/claims/protocol.ts";
import { untilListening } from "../../e2e/client.ts";
import { startProgram } from "../../e2e/program.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { at } from "../../mcp/wire.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { summary } from "../answers.ts";
import { openSshdTarget, type SshdTarget, sshTest } from "../ssh/target.ts";
import { makeOld, openClaimsLab } from "./lab.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** Counts the scripts that are run. */
function counting(ssh: Ssh): Ssh & { readonly scripts: string[] } {
  const scripts: string[] = [];
  return {
    ...ssh,
    scripts,
    run: (host, script, options) => {
      scripts.push(script.source);
      return ssh.run(host, script, options);
    },
  };
}

/** Loses each script that changes something, before it is sent. */
function losing(ssh: Ssh): Ssh {
  return {
    ...ssh,
    run: (host, script, options) => {
      if (!options.frameClaim) return ssh.run(host, script, options);
      const output = new OutputCapture(script.limits);
      return Promise.resolve({ kind: "unknown", reason: "connection lost", output });
    },
  };
}

/** Where the ssh user of a target keeps claims. */
function ownFolder({ sshd }: SshdTarget): string {
  return `${sshd.directory}/state/lmcp`;
}

async function claimsIn(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => !name.startsWith(".")).sort();
}

sshTest(
  "a call that was lost on its way to an agent is fenced there, and runs once over ssh",
  async () => {
    await using target = await openSshdTarget();
    await using lab = await openClaimsLab({ ssh: target.ssh });
    await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
    await makeOld(lab.claims);
    lab.strikeNext("lose request");
    const { outcome, via, reason, text } = await lab.shell("echo done");
    assert.deepEqual([outcome, via], ["ok", "ssh"]);
    assert.match(String(reason), /^connection lost: .*; it did not run$/);
    assert.equal(text, "[via ssh fallback]\n[rc=0]\ndone\n");
    const [first = "", second] = await claimsIn(lab.claims);
    assert.equal(second, `${first}-2`);
    const lost = lab.relay.requests.findIndex(({ method }) => method === "tools/call");
    const late = await lab.relay.deliverLate(lost + 1);
    assert.equal(at(late, "result", "_meta", META_CLAIM, "state"), "fenced");
    assert.equal(await lab.runs(), 1);
  },
);

sshTest("an answer of an agent that cannot be reached any more is collected over ssh", async () => {
  await using target = await openSshdTarget();
  await using lab = await openClaimsLab({ ssh: target.ssh });
  lab.strikeNext("cut");
  const { outcome, via, text } = await lab.shell("sleep 0.5; echo done; exit 3");
  assert.deepEqual([outcome, via, text], ["ok", "lmcp", "[rc=3]\ndone\n"]);
  assert.equal(await lab.runs(), 1);
});

sshTest(
  "a call that an agent has begun does not run over ssh when the agent is killed",
  async () => {
    await using target = await openSshdTarget();
    const directory = await Deno.makeTempDir();
    await using agent = startProgram({
      permissions: "agent",
      args: ["--agent"],
      env: { LMCP_STATE_DIR: directory },
    });
    await untilListening(agent.port);
    const host = labHost({ lmcpUrl: agent.url, sshHost: "target" });
    await using hub = openHub({ hosts: [host], ssh: target.ssh });
    const sleep = uniqueSleep(61);
    const command =
      `echo run >>${directory}/journal; sleep ${sleep}; echo done >>${directory}/journal`;
    const call = hub.call("remote_shell", { host: host.name, command });
    await until(async () => (await findProcesses(sleep)).length > 0);
    agent.kill("SIGKILL");
    const { outcome, via, text } = summary(await call);
    assert.deepEqual([outcome, via], ["unknown", "lmcp"]);
    assert.match(
      text,
      /^Error: lmcp: connection lost: .*; it began and was cut off \| outcome unknown/,
    );
    await agent.ended;
    await until(async () => (await findProcesses(sleep)).length === 0);
    assert.equal(await Deno.readTextFile(`${directory}/journal`), "run\n");
    await removeDirectory(directory);
  },
);

sshTest(
  "a call to an agent that is down is claimed in its folder before it runs over ssh",
  async () => {
    await using target = await openSshdTarget();
    await using lab = await openClaimsLab({ ssh: target.ssh });
    await lab.shell();
    await lab.relay.setCut(true);
    await lab.shell();
    assert.equal(await lab.runs(), 2);
    const claims = await claimsIn(lab.claims);
    const ends = claims.map((id) =>
      Deno.readTextFile(`${lab.claims}/${id}/rc`).catch(() => "none")
    );
    assert.deepEqual((await Promise.all(ends)).sort(), ["0\n", "none"]);
  },
);

sshTest(
  "a command over ssh alone is claimed in the user's own folder, and ends are kept",
  async () => {
    await using target = await openSshdTarget();
    const ssh = counting(target.ssh);
    await using lab = await openClaimsLab({ ssh, lmcp: false });
    const { text } = await lab.shell("echo done; exit 3");
    assert.equal(text, "[via ssh fallback]\n[rc=3]\ndone\n");
    const folder = ownFolder(target);
    assert.equal(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
    const [id = ""] = await claimsIn(folder);
    assert.equal(await Deno.readTextFile(`${folder}/${id}/rc`), "3\n");
    const [boot, pid] = (await Deno.readTextFile(`${folder}/${id}/run`)).split(" ");
    assert.equal(boot, (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim());
    assert.match(String(pid), /^\d+$/);
    await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
    assert.equal((await claimsIn(folder)).length, 1);
    assert.equal(ssh.scripts.length, 2);
  },
);

sshTest("of a session over ssh that was lost, its host is asked over another one", async () => {
  await using target = await openSshdTarget();
  await using lab = await openClaimsLab({ ssh: target.ssh, lmcp: false });
  await lab.shell();
  const path = `${lab.directory}/file`;
  const pipe = `${lab.directory}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const begun = Promise.withResolvers<string>();
  // Bash 5.2 forgets how a command ended that ends while a signal arrives: it waits a moment.
  const rest = `exec >/dev/null 2>&1; cat ${pipe}; read -t 0.5 <>${pipe}; : >${path}`;
  const command = `echo run >>${lab.directory}/journal; echo begun; trap '' TERM; ${rest}`;
  const args = { host: lab.host.name, command };
  const call = lab.hub.call("remote_shell", args, { onProgress: begun.resolve });
  await begun.promise;
  await until(async () => (await findProcesses(`cat ${pipe}`)).length > 0);
  target.children.at(-1)?.process.kill("SIGKILL");
  await Deno.writeTextFile(pipe, "");
  const { outcome, text } = summary(await call);
  assert.deepEqual([outcome, text], [
    "ok",
    "[via ssh fallback]\n[rc=0]\nbegun\n[the connection was lost: the end of the output may be missing]",
  ]);
  assert.equal((await Deno.stat(path)).isFile, true);
  assert.equal(await lab.runs(), 2);
});

sshTest("a script that never arrived over ssh certainly did not run", async () => {
  await using target = await openSshdTarget();
  const host = labHost({ sshHost: "target" });
  {
    await using first = openHub({ hosts: [host], ssh: { ...target.ssh, close: nothing } });
    await first.call("remote_shell", { host: host.name, command: "true" });
  }
  await makeOld(ownFolder(target));
  await using hub = openHub({ hosts: [host], ssh: losing(target.ssh) });
  const answer = await hub.call("remote_shell", { host: host.name, command: "true" });
  const { outcome, text } = summary(answer);
  assert.equal(outcome, "not_delivered");
  assert.match(text, /ssh: connection lost; it did not run/);
});

sshTest(
  "where nothing can be claimed over ssh, a command runs all the same, and once",
  async () => {
    await using target = await openSshdTarget();
    await Deno.writeTextFile(`${target.sshd.directory}/state`, "no folder");
    const ssh = counting(target.ssh);
    await using lab = await openClaimsLab({ ssh, lmcp: false });
    for (const scripts of [2, 3]) {
      assert.equal((await lab.shell("echo done")).text, "[via ssh fallback]\n[rc=0]\ndone\n");
      // The first call has found that out.
      assert.equal(ssh.scripts.length, scripts);
    }
    assert.equal(await lab.runs(), 2);
  },
);

sshTest("an agent's folder that the ssh user may not use is left alone", async () => {
  await using target = await openSshdTarget();
  await using lab = await openClaimsLab({ ssh: target.ssh });
  await lab.shell();
  await Deno.chmod(lab.claims, 0o750);
  await lab.relay.setCut(true);
  const { outcome, via } = await lab.shell();
  assert.deepEqual([outcome, via], ["ok", "ssh"]);
  assert.equal((await claimsIn(lab.claims)).length, 1);
  assert.equal((await claimsIn(ownFolder(target))).length, 1);
  assert.equal(await lab.runs(), 2);
});

function nothing(): Promise<void> {
  return Promise.resolve();
}
