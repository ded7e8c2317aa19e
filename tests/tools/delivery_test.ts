import assert from "node:assert/strict";
import { freePort } from "../free_port.ts";
import type { Delivery } from "../../lib/calls/record.ts";
import type { Host } from "../../lib/fleet/host.ts";
import { callRecord } from "../calls/record.ts";
import { startBackend } from "../lab/backend.ts";
import { createFakeSsh, type SshBehaviour } from "../lab/fake_ssh.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { at } from "../mcp/wire.ts";

/** What a `remote_shell` call records; `host` is what it asks for. */
async function deliveriesOf(
  known: Host,
  { ssh = "ran", host = known.name }: { ssh?: SshBehaviour; host?: string } = {},
): Promise<readonly Delivery[]> {
  await using hub = openHub({ hosts: [known], ssh: createFakeSsh(() => ssh) });
  const record = callRecord({ deliveries: [] });
  await hub.call("remote_shell", { host, command: "true" }, { record });
  return record.deliveries;
}

Deno.test("a remote tool records how its call was delivered over lmcp", async () => {
  const structuredContent = { exit_code: 3, stdout: "", stderr: "" };
  await using backend = await startBackend({ result: { content: [], structuredContent } });
  const [delivery, ...others] = await deliveriesOf(labHost({ lmcpUrl: backend.url }));
  assert.ok(delivery);
  const { phases, ...rest } = delivery;
  assert.deepEqual(rest, {
    host: "tesla",
    via: "lmcp",
    outcome: "ok",
    fallbackReason: null,
    exitCode: 3,
  });
  assert.ok(Object.values(phases).every((ms) => ms !== null && ms >= 0), JSON.stringify(phases));
  assert.deepEqual(others, []);
});

Deno.test("a remote tool records why its call was delivered over ssh", async () => {
  const lmcpUrl = `http://127.0.0.1:${freePort()}/mcp`;
  const [delivery] = await deliveriesOf(labHost({ lmcpUrl }));
  assert.ok(delivery);
  const { via, outcome, fallbackReason, exitCode } = delivery;
  assert.deepEqual([via, outcome, exitCode], ["ssh", "ok", 0]);
  assert.equal(fallbackReason, "connect: connection refused");
});

Deno.test("a remote tool records a call that was not delivered, or perhaps was", async () => {
  for (
    const [ssh, expected] of [
      ["not_delivered", { via: null, outcome: "not_delivered" }],
      ["unknown", { via: "ssh", outcome: "unknown" }],
    ] as const
  ) {
    const [delivery] = await deliveriesOf(labHost(), { ssh });
    assert.deepEqual({ via: delivery?.via, outcome: delivery?.outcome }, expected);
  }
});

Deno.test("a remote tool records no delivery to a host that it refuses", async () => {
  const rules = { tools: new Set<string>(), readOnly: false };
  assert.deepEqual(await deliveriesOf(labHost(), { host: "unknown" }), []);
  assert.deepEqual(await deliveriesOf(labHost({ rules })), []);
});

Deno.test("a remote tool sends nothing to a host before it may", async () => {
  const ssh = createFakeSsh();
  const gate = Promise.withResolvers<null>();
  const asked: [command: unknown, readOnly: boolean][] = [];
  await using hub = openHub({
    hosts: [labHost()],
    ssh,
    beforeSend: ({ args }, { readOnly }) => {
      asked.push([args.command, readOnly]);
      return readOnly ? null : gate.promise;
    },
  });
  const args = { host: "tesla", command: "true" };
  const record = callRecord({ args });
  const call = hub.call("remote_shell", args, { record });
  await hub.call("remote_list_dir", { host: "tesla", path: "/" });
  assert.deepEqual(asked, [["true", false], ["uptime", true]]);
  assert.equal(ssh.uses.length, 1);
  gate.resolve(null);
  await call;
  assert.equal(ssh.uses.length, 2);
});

Deno.test("a remote tool asks for no leave to send what it refuses", async () => {
  const beforeSend = () => assert.fail("it asked");
  await using hub = openHub({ hosts: [labHost()], beforeSend });
  await hub.call("remote_shell", { host: "unknown", command: "true" });
  await hub.call("remote_shell", { host: "tesla" });
});

Deno.test("a remote tool sends nothing that it may not send, and says why", async () => {
  const ssh = createFakeSsh();
  await using hub = openHub({
    hosts: [labHost()],
    ssh,
    beforeSend: () => Promise.resolve("the disk is full"),
  });
  const record = callRecord({ deliveries: [] });
  const args = { host: "tesla", command: "true" };
  const result = await hub.call("remote_shell", args, { record });
  assert.deepEqual(result.content, [{ type: "text", text: "Error: the disk is full" }]);
  assert.equal(result.isError, true);
  assert.equal(at(result, "structuredContent", "outcome"), "not_delivered");
  assert.deepEqual([ssh.uses.length, record.deliveries.length], [0, 0]);
});
