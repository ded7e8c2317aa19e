import assert from "node:assert/strict";
import { sshTest } from "../../fleet/ssh/target.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { type BothWays, jobIn, openBothWays } from "./both_ways.ts";

/** A command that does not end when it is asked to, and has a grandchild in a session of its own. */
function stubborn(sleep: string): string {
  return `trap '' TERM; setsid sleep ${sleep} & echo ready; sleep ${sleep}; sleep ${sleep}`;
}

/** Sees, reads, follows and ends jobs of which one says `ready` and the other goes on for a second. */
async function followJobs(
  { call, untilText }: BothWays,
  { job, other, sleep, via }: {
    readonly job: string;
    readonly other: string;
    readonly sleep: string;
    readonly via: "lmcp" | "ssh";
  },
): Promise<void> {
  await untilText(job, "ready");
  const listed = await call("remote_jobs", { state: "running" });
  assert.match(
    listed.text,
    new RegExp(`^${job.slice(0, 8)} {2}both {2}running {2}\\d+ s ago {2}trap`, "m"),
  );
  const how = `remote_output host="both" id="${job.slice(0, 8)}"`;
  const tail = await call("remote_output", { id: job, tail: 1 });
  assert.match(tail.text, new RegExp(`^ready\n\\[running for \\d+ s: ${how} offset=6 wait=45\\]$`));
  assert.equal(tail.via, via);
  const end = await call("remote_output", { id: other.slice(0, 10), wait: 30 });
  assert.match(end.text, /^one\ntwo\n\[exited 3 after \d+ s\]$/);
  assert.deepEqual([end.structured.state, end.structured.exit_code], ["exited", 3]);
  const killed = await call("remote_kill", { id: job });
  assert.match(killed.text, /^job \w{8}: killed by default, exited 137 after \d+ s$/);
  assert.deepEqual([killed.structured.exit_code, killed.structured.outcome], [137, "ok"]);
  assert.equal(killed.via, via);
  assert.deepEqual(await findProcesses(sleep), []);
  assert.match((await call("remote_jobs", { targets: "both" })).text, /killed 137/);
  assert.match(
    (await call("remote_output", { id: job })).text,
    /^ready\n\[killed by default, exited/,
  );
}

const TWO = "echo one; sleep 1; echo two; exit 3";

sshTest(
  "jobs that an agent has started are seen, read, followed and ended over ssh, the agent being dead",
  async () => {
    await using machine = await openBothWays();
    const sleep = uniqueSleep(90);
    let job: string, other: string;
    {
      await using agent = await machine.startAgent();
      const started = await machine.call("remote_shell_bg", { command: stubborn(sleep) });
      assert.equal(started.via, "lmcp");
      job = jobIn(started);
      other = jobIn(await machine.call("remote_shell_bg", { command: TWO }));
      agent.kill("SIGKILL");
      await agent.ended;
    }
    await followJobs(machine, { job, other, sleep, via: "ssh" });
  },
);

sshTest(
  "jobs that were started over ssh are seen, read, followed and ended over the agent, without ssh",
  async () => {
    await using machine = await openBothWays();
    const sleep = uniqueSleep(90);
    const started = await machine.call("remote_shell_bg", { command: stubborn(sleep) });
    assert.match(started.text, /^\[via ssh fallback\]\nPID \d+, log /);
    assert.ok(started.text.includes(`${machine.directory}/own/lmcp/jobs/`));
    const job = jobIn(started);
    const other = jobIn(await machine.call("remote_shell_bg", { command: TWO }));
    await using _agent = await machine.startAgent();
    await machine.stopSsh();
    await followJobs(machine, { job, other, sleep, via: "lmcp" });
  },
);

sshTest(
  "a job that is followed over the agent is followed over ssh when the agent dies",
  async () => {
    await using machine = await openBothWays();
    await using agent = await machine.startAgent();
    const go = `${machine.directory}/go`;
    const command = `until [ -e ${go} ]; do sleep 0.1; done; echo done`;
    const job = jobIn(await machine.call("remote_shell_bg", { command }));
    const followed = machine.call("remote_output", { id: job, wait: 30 });
    await machine.call("remote_jobs");
    agent.kill("SIGKILL");
    await Deno.writeTextFile(go, "");
    const { text, via } = await followed;
    assert.match(text, /^done\n\[exited 0 after \d+ s\]$/);
    assert.equal(via, "ssh");
  },
);

sshTest("over ssh, a job's name, its early end and its log are as over the agent", async () => {
  await using machine = await openBothWays();
  const log = `${machine.directory}/log`;
  const args = { command: "echo a; exit 2", wait: 10, name: "early", log };
  const over = async () => {
    const { structured, text } = await machine.call("remote_shell_bg", args);
    const known = text.replaceAll(/\b[0-9a-f]{32}\b/g, "ID").replaceAll(
      /PID \d+|after \d+ s/g,
      "N",
    );
    return { known, structured };
  };
  const ssh = await over();
  await using _agent = await machine.startAgent();
  const agent = await over();
  assert.equal(ssh.known, `[via ssh fallback]\n${agent.known}`);
  assert.match(agent.known, /^N, log .*\/log\njob ID exited 2 N\na\n$/);
  assert.equal(ssh.structured.outcome, "ok");
  assert.match((await machine.call("remote_jobs")).text, /early$/m);
});

sshTest("with the agent's folder known, jobs over ssh are beside those of the agent", async () => {
  await using machine = await openBothWays();
  {
    await using _agent = await machine.startAgent();
    await machine.call("remote_shell_bg", { command: "true" });
  }
  const { text } = await machine.call("remote_shell_bg", { command: "true" });
  assert.match(text, /^\[via ssh/);
  assert.ok(text.includes(`${machine.directory}/agent/jobs/`), text);
});

sshTest(
  "a job that is started again with the same key runs once, over the agent and over ssh",
  async () => {
    await using machine = await openBothWays();
    const runs = `${machine.directory}/runs`;
    const start = (key: string) =>
      machine.call("remote_shell_bg", { command: `echo ${key} >>${runs}; sleep 30`, key });
    const [, pid = ""] = await (async () => {
      await using _agent = await machine.startAgent();
      const [one, two] = await Promise.all([start("both"), start("both")]);
      assert.match(`${one.text}\n${two.text}`, /the answer of an earlier call with this key/);
      return /PID (\d+), log/.exec(one.text) ?? [];
    })();
    const again = await start("both");
    assert.ok(again.text.includes(`PID ${pid}, log ${machine.directory}/agent/jobs/k`), again.text);
    const [first, second] = [await start("ssh"), await start("ssh")];
    assert.match(first.text, /^\[via ssh fallback\]\nPID \d+, log .*\/jobs\/k[0-9a-f]{32}\/out$/);
    const [line = ""] = /PID .*/.exec(first.text) ?? [];
    assert.ok(second.text.includes(line), second.text);
    await until(async () => (await Deno.readTextFile(runs)) === "both\nssh\n");
    const [, id = ""] = /\/jobs\/(\w+)\//.exec(first.text) ?? [];
    assert.match((await machine.call("remote_jobs")).text, new RegExp(`^${id.slice(0, 9)} `, "m"));
  },
);
