import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { at } from "../mcp/wire.ts";
import { idIn, startConfirmedFleet } from "./fleet.ts";

const EVERYTHING = `
[[confirm]]
hosts = ["one", "two"]
`;

sshTest(
  "a call waits until the operator has allowed it on the hub's machine, and runs once",
  async () => {
    await using fleet = await startConfirmedFleet(EVERYTHING);
    const { call, command, countRuns, program } = fleet;
    const args = { targets: "@all", command };
    const asked = await call("alice", "remote_run", args);
    assert.ok(asked.isError);
    assert.match(
      asked.text,
      /^Error: not run: a person must allow this call first \(remote_run on one two\)/,
    );
    const approval = idIn(asked);
    assert.equal(at(asked.structured, "approval", "id"), approval);
    assert.equal(idIn(await call("alice", "remote_run", args)), approval);
    const early = await call("alice", "remote_run", { ...args, approval });
    assert.match(early.text, /still waits for the operator/);
    assert.equal(await countRuns(), 0);

    const listed = await program("--approvals");
    assert.equal(listed.code, 0);
    assert.match(
      listed.stdout,
      new RegExp(`^${approval} \\(\\d+ min left\\)\n  tool: remote_run\n  client: alice\n`),
    );
    assert.ok(listed.stdout.includes(command));
    const allowed = await program("--approve", approval);
    assert.deepEqual([allowed.code, allowed.stderr], [0, ""]);
    assert.match(allowed.stdout, /^allowed, once/);
    assert.equal(await countRuns(), 0);

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call("alice", "remote_run", { ...args, approval })),
    );
    assert.equal(answers.filter(({ isError }) => !isError).length, 1);
    assert.equal(await countRuns(), 2);
    const again = await call("alice", "remote_run", { ...args, approval });
    assert.match(again.text, /is used already/);
    assert.equal(await countRuns(), 2);
    const second = await program("--approve", approval);
    assert.deepEqual([second.code, second.stdout], [1, ""]);
    assert.match(second.stderr, /it was answered before: used/);
  },
);
