import assert from "node:assert/strict";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { freePort } from "../../free_port.ts";
import { callRecord } from "../../calls/record.ts";
import { openSshdTarget, sshTest } from "../../fleet/ssh/target.ts";
import { toAnswer } from "./lab.ts";

sshTest("remote_run goes over ssh where there is no server, or none that answers", async () => {
  await using target = await openSshdTarget();
  const hosts = [
    { ...target.host, name: "only-ssh" },
    labHost({
      name: "dead",
      sshHost: "target",
      lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`,
      timeouts: target.host.timeouts,
    }),
  ];
  await using hub = openHub({ hosts, ssh: target.ssh });
  const run = async (args: Record<string, unknown>) => {
    const record = callRecord({ deliveries: [] });
    return toAnswer(await hub.call("remote_run", { targets: "@all", ...args }, { record }), record);
  };
  const { lines, record } = await run({ command: "echo hi; echo no >&2; exit 255" });
  assert.deepEqual(lines, [
    "2 hosts: 2 exit 255",
    "== dead only-ssh (2): exit 255",
    "hi",
    "stderr: no",
  ]);
  assert.deepEqual(
    record.deliveries.map(({ host, via, exitCode, fallbackReason }) =>
      [host, via, exitCode, fallbackReason] as const
    ).toSorted(([a], [b]) => a < b ? -1 : 1),
    [["dead", "ssh", 255, "connect: connection refused"], ["only-ssh", "ssh", 255, null]],
  );
  const plan = await run({ command: "true", dry_run: true });
  assert.match(plan.text, /^dead only-ssh \(2\): over ssh$/m);
});
