import assert from "node:assert/strict";
import { serveApprovals } from "../../lib/approvals/socket/serve.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { runApprove } from "../../lib/modes/approve.ts";
import { createFakeClock } from "../base/time/fake_clock.ts";
import { until } from "../processes.ts";
import { removeDirectory } from "../remove_directory.ts";

/** A directory with a hub that works, one that is paused, and what a killed one has left. */
async function openDirectory() {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir();
  stack.defer(() => removeDirectory(directory));
  const left = Deno.listen({ transport: "unix", path: `${directory}/approvals-1.sock` });
  left.close();
  const paused = Deno.listen({ transport: "unix", path: `${directory}/approvals-2.sock` });
  stack.defer(() => paused.close());
  const state = { isAnswered: false };
  const answer = <T>(value: T) => {
    state.isAnswered = true;
    return Promise.resolve(value);
  };
  const served = await serveApprovals({
    path: `${directory}/approvals-3.sock`,
    gate: {
      waiting: () => answer([]),
      decide: () => answer({ kind: "unknown" }),
    },
    clock: systemClock,
  });
  stack.defer(served.close);
  const owned = stack.move();
  return { directory, paused, state, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

for (
  const [command, code, said] of [
    [{ mode: "approvals" }, 0, "no call waits for approval"],
    [{ mode: "approve", id: "k7m2p9qxhd" }, 1, "no call waits for approval"],
  ] as const
) {
  Deno.test(`--${command.mode} hears the hubs that answer, and names one that does not`, async () => {
    await using place = await openDirectory();
    const clock = createFakeClock();
    const lines: string[] = [];
    const ended = runApprove(command, {
      name: "lmcp-hub",
      stdout: (line) => lines.push(line),
      stderr: (line) => lines.push(line),
      env: (name) => name === "LMCP_HUB_CONTROL_DIR" ? place.directory : undefined,
      now: () => 0,
      clock,
      uid: Deno.uid,
    });
    using connection = await place.paused.accept();
    await connection.read(new Uint8Array(1));
    await until(() => place.state.isAnswered && clock.pending() === 1, 5_000);
    clock.advance(15_000);
    assert.equal(await ended, code);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /approvals-2.sock": the hub has not answered for 15 seconds/);
    assert.ok(lines[1]?.includes(said));
  });
}
