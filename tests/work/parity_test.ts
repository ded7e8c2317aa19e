import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { findProcesses, uniqueSleep } from "../processes.ts";
import { rootTest } from "../shell/hosts.ts";
import { openBothWays } from "./both_ways.ts";
import { CASES, fill } from "./parity_cases.ts";

sshTest(
  "every tool returns the same structured answer over the agent and over ssh",
  async (test) => {
    await using both = await openBothWays();
    const { directory } = both;
    await fill(directory);
    const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
    for (const [tool, what, args, outcome] of CASES) {
      await test.step(`${tool}: ${what}`, async () => {
        const json = JSON.stringify(args).replaceAll("DIR", directory)
          .replaceAll("CHILD", String(child.pid));
        let { agent, ssh } = await both.call(tool, JSON.parse(json));
        // What another test mounts between the two is in one of them alone.
        if (json.includes("/proc/mounts") && ssh.text !== agent.text) {
          ({ agent, ssh } = await both.call(tool, JSON.parse(json)));
        }
        assert.deepEqual(ssh, agent);
        assert.equal(agent.outcome, outcome);
        assert.equal(agent.error === null, outcome === "ok");
      });
    }
    child.kill();
    await child.status;
    assert.equal(
      await Deno.readTextFile(`${directory}/text`),
      Deno.uid() === 0 ? "ünï\nline\n" : "x",
    );
    await assert.rejects(Deno.stat(`${directory}/ran`), Deno.errors.NotFound);
  },
);

rootTest(
  "a command that cannot be ended is reported alike over the agent and over ssh",
  async () => {
    const programs = await Deno.makeTempDir();
    await Deno.chmod(programs, 0o755);
    // A bash without rights, and a way to run what it may not end.
    const asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups /bin/bash";
    await Deno.writeTextFile(
      `${programs}/bash`,
      `#!/bin/sh\n[ "$(id -u)" = 0 ] || exec /bin/bash "$@"\nexec ${asNobody} "$@"\n`,
    );
    await Deno.copyFile("/bin/bash", `${programs}/root`);
    await Deno.chmod(`${programs}/bash`, 0o755);
    await Deno.chmod(`${programs}/root`, 0o4755);
    await using both = await openBothWays(`${programs}:${Deno.env.get("PATH")}`);
    const sleep = `sleep ${uniqueSleep(61)}`;
    const command =
      `echo begun; root -p -c 'exec setpriv --reuid=0 --regid=0 --clear-groups ${sleep}'`;
    const { agent, ssh } = await both.call("remote_shell", { command, timeout: 3 });
    for (const pid of await findProcesses(sleep)) Deno.kill(pid, "SIGKILL");
    await Deno.remove(programs, { recursive: true });
    assert.deepEqual(ssh, agent);
    assert.equal(agent.outcome, "failed");
    assert.equal(
      agent.error,
      "timed out after 3 s, but the command could not be ended and may still be running. " +
        "Its output so far:\nbegun\n",
    );
  },
);
