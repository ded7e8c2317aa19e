import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { callForModel } from "../e2e/client.ts";
import { sshTest } from "../fleet/ssh/target.ts";
import { holdIn } from "../held_command.ts";
import { until } from "../processes.ts";
import { type ConfirmedFleet, headersOf, idIn, startConfirmedFleet } from "./fleet.ts";

const RULES = `
[[confirm]]
hosts = ["one", "two"]
`;

/** An approval that the operator has given to alice, and the call that it is for. */
async function allow(fleet: ConfirmedFleet) {
  const args = { host: "one", command: fleet.command };
  const approval = idIn(await fleet.call("alice", "remote_shell", args));
  assert.equal((await fleet.program("--approve", approval)).code, 0);
  return { args, approval };
}

sshTest("an approval is for one call: no other uses it, nor uses it up", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const { call } = fleet;
  const { args, approval } = await allow(fleet);
  const other = { ...args, command: `true; ${args.command}` };
  for (
    const [who, tool, given, reason] of [
      ["alice", "remote_shell", other, /for a call with other arguments: repeat that call exactly/],
      ["alice", "remote_shell", { ...args, cwd: "/" }, /with other arguments:/],
      ["alice", "remote_shell", { ...args, key: "k" }, /with other arguments:/],
      ["alice", "remote_shell", { ...args, host: "two" }, /with other arguments and other hosts:/],
      ["alice", "remote_shell_bg", args, /with another tool:/],
      ["bob", "remote_shell", args, /there is no approval ".*" of yours/],
      ["default", "remote_shell", args, /there is no approval ".*" of yours/],
    ] as const
  ) {
    const answer = await call(who, tool, { ...given, approval });
    assert.ok(answer.isError);
    assert.match(answer.text, reason);
  }
  assert.equal(await fleet.countRuns(), 0);
  const answer = await call("alice", "remote_shell", { ...args, approval });
  assert.deepEqual([answer.isError, answer.text], [false, "[rc=0]\ndone\n"]);
  assert.equal(await fleet.countRuns(), 1);
});

sshTest("an approval is for the hosts that a target meant when it was asked for", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const args = { targets: "@prod", command: fleet.command };
  const approval = idIn(await fleet.call("alice", "remote_run", args));
  assert.equal((await fleet.program("--approve", approval)).code, 0);
  await fleet.writeRegistry(`${RULES}\n[defaults]\ntags = ["prod"]`);
  fleet.hub.kill("SIGHUP");
  const plan = { targets: "@prod", command: "true", dry_run: true };
  const seesBoth = async () => /2 hosts/.test((await fleet.call("alice", "remote_run", plan)).text);
  await until(seesBoth);
  const answer = await fleet.call("alice", "remote_run", { ...args, approval });
  assert.match(answer.text, /for a call with other hosts:/);
  assert.equal(await fleet.countRuns(), 0);
});

sshTest("nothing is allowed any more after a restart of the hub", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const { args, approval } = await allow(fleet);
  await fleet.restart();
  const answer = await fleet.call("alice", "remote_shell", { ...args, approval });
  assert.match(answer.text, /there is no approval/);
  assert.equal(await fleet.countRuns(), 0);
  assert.match((await fleet.program("--approvals")).stdout, /no call waits/);
});

sshTest(
  "a call with a key waits as any other, and a second approval does not run it again",
  async () => {
    await using fleet = await startConfirmedFleet(RULES);
    const { call, program } = fleet;
    const args = { host: "one", command: fleet.command, key: "deploy-7" };
    for (const expected of [/^\[rc=0\]\ndone\n$/, /earlier call with this key/]) {
      const approval = idIn(await call("alice", "remote_shell", args));
      assert.equal((await program("--approve", approval)).code, 0);
      assert.match((await call("alice", "remote_shell", { ...args, approval })).text, expected);
      assert.equal(await fleet.countRuns(), 1);
    }
  },
);

sshTest(
  "the audit trail says what has happened to each approval, and who has answered",
  async () => {
    await using fleet = await startConfirmedFleet(RULES);
    const { args, approval } = await allow(fleet);
    await fleet.call("alice", "remote_shell", { ...args, approval });
    const denied = idIn(await fleet.call("bob", "remote_shell", args));
    assert.equal((await fleet.program("--deny", denied)).code, 0);
    assert.match((await fleet.call("bob", "remote_shell", args)).text, /has denied it/);
    fleet.hub.kill("SIGTERM");
    await fleet.hub.ended;
    const lines = (await fleet.auditLines()).filter(({ event }) => event === "approval");
    assert.deepEqual(
      lines.map(({ state, id, principal }) => [state, id, principal]),
      [
        ["asked", approval, "alice"],
        ["allowed", approval, "alice"],
        ["used", approval, "alice"],
        ["asked", denied, "bob"],
        ["denied", denied, "bob"],
      ],
    );
    assert.match(String(lines[1]?.by), /^the operator, user \d+, on the hub's machine$/);
  },
);

sshTest(
  "a call that goes on after its answer needs no second approval to be read or ended",
  async () => {
    await using fleet = await startConfirmedFleet(RULES);
    const headers = headersOf("alice");
    const call = (tool: string, args: JsonObject) =>
      callForModel(fleet.hub.url, tool, args, { headers });
    const held = await holdIn(fleet.directory);
    const command = `${fleet.command}; ${held.command}; echo late`;
    const args = { host: "one", command, wait: 1 };
    const approval = idIn(await call("remote_shell", { ...args, max_chars: 2_000 }));
    assert.equal((await fleet.program("--approve", approval)).code, 0);
    const { text } = await call("remote_shell", { ...args, approval });
    const id = /still running: remote_output id="(o-\w+)"/.exec(text)?.[1] ?? assert.fail(text);
    assert.match((await call("remote_shell", { ...args, approval })).text, /is used already/);
    await held.letGo();
    assert.match((await call("remote_output", { id, wait: 20 })).text, /late/);
    assert.match((await call("remote_kill", { id })).text, /has ended already/);
    assert.equal(await fleet.countRuns(), 1);
  },
);
