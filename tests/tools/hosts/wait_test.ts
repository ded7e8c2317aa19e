import assert from "node:assert/strict";
import { openHub } from "../../lab/hub.ts";
import { labHost } from "../../lab/host.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { at } from "../../mcp/wire.ts";
import { openSshdTarget, sshTest } from "../../fleet/ssh/target.ts";

const OTHER = "aaaaaaaa-0000-4000-8000-000000000000";

Deno.test("remote_wait knows from a real agent that its host is up, and which start it is", async () => {
  const home = await Deno.makeTempDir();
  await using agent = startAgentServer(home);
  const host = { ...labHost({ lmcpUrl: agent.url, sshHost: null }), name: "web1" };
  await using hub = openHub({ hosts: [host] });
  const up = await hub.call("remote_wait", { targets: "web*", timeout: 30 });
  assert.match(textOf(up), /^1 host is up, after \d+ s\nweb1: up over lmcp$/);
  const rebooted = await hub.call("remote_wait", { targets: "web1", for: "reboot", since: OTHER });
  assert.match(textOf(rebooted), /^1 host is rebooted, after \d+ s\nweb1: rebooted, up over lmcp$/);
  const bootId = at(rebooted.structuredContent, "hosts", 0, "boot_id");
  assert.match(String(bootId), /^[0-9a-f-]{36}$/);
  const again = { targets: "web1", for: "reboot", since: bootId, timeout: 1 };
  assert.match(
    textOf(await hub.call("remote_wait", again)),
    /^timed out after \d+ s: 0 of 1 hosts rebooted\n/,
  );
  const long = { targets: "web1", for: "reboot", since: "2001-01-01T00:00:00Z" };
  assert.match(textOf(await hub.call("remote_wait", long)), /^1 host is rebooted/);
  await Deno.remove(home, { recursive: true });
});

sshTest("remote_wait knows over ssh that a host is up, and which start it is", async () => {
  await using target = await openSshdTarget();
  await using hub = openHub({ hosts: [target.host], ssh: target.ssh });
  const { name } = target.host;
  const rebooted = await hub.call("remote_wait", { targets: name, for: "reboot", since: OTHER });
  assert.match(textOf(rebooted), /: rebooted, up over ssh$/);
  assert.match(String(at(rebooted.structuredContent, "hosts", 0, "boot_id")), /^[0-9a-f-]{36}$/);
});

for (
  const [args, expected] of [
    [{ targets: "nothing" }, 'unknown host "nothing"'],
    [{ targets: "a", since: OTHER }, "`since` is for for=reboot alone"],
    [{ targets: "a", for: "reboot", since: "soon" }, "bad `since` parameter"],
    [{ targets: "a", wake: true }, "cannot wake a: the registry has no `mac`"],
    [{ targets: "a", for: "sideways" }, "bad `for` parameter"],
  ] as const
) {
  Deno.test(`remote_wait refuses ${JSON.stringify(args)}`, async () => {
    await using hub = openHub({ hosts: [{ ...labHost(), name: "a" }] });
    const result = await hub.call("remote_wait", args);
    assert.equal(result.isError, true);
    assert.ok(textOf(result).startsWith(`Error: ${expected}`), textOf(result));
  });
}

function textOf({ content: [first] }: Awaited<ReturnType<ReturnType<typeof openHub>["call"]>>) {
  return first?.type === "text" ? first.text : "";
}
