import assert from "node:assert/strict";
import { freePort } from "../../free_port.ts";
import { startAgentServer } from "../../lab/agent_server.ts";
import { labHost, type LabHostOptions } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { startNats } from "../../nats/server.ts";
import { NAME, natsTest, openNatsLab } from "./lab.ts";

/** What comes of a command on a host, for a hub that is not on NATS. */
async function call(options: LabHostOptions) {
  await using hub = openHub({ hosts: [labHost(options)] });
  const { content, structuredContent } = await hub.call("remote_shell", {
    host: "tesla",
    command: "true",
  });
  const listed = await hub.call("remote_list_hosts", { force: true });
  const text = (blocks: typeof content) => blocks[0]?.type === "text" ? blocks[0].text : "";
  return { via: structuredContent?.via, text: text(content), listed: text(listed.content) };
}

Deno.test("a hub that is not on NATS says so of hosts that are, and uses their other ways", async () => {
  const alone = await call({ natsName: "web", sshHost: null });
  assert.equal(
    alone.text,
    "Error: nats: LMCP_NATS_URL is not set | ssh: no host configured\nIt did not run.",
  );
  assert.match(alone.listed, /DOWN +via=- +paths=nats \[nats: LMCP_NATS_URL is not set\]/);
  assert.equal((await call({ natsName: "web" })).via, "ssh");
});

Deno.test("a host that is not on NATS is spoken of as before", async () => {
  const { text } = await call({ sshHost: null });
  assert.equal(
    text,
    "Error: lmcp: no url configured | ssh: no host configured\nIt did not run.",
  );
});

natsTest("a host is reached over HTTP first, then over NATS, then over ssh", async () => {
  await using server = await startNats();
  const home = await Deno.makeTempDir();
  await using agent = startAgentServer(home);
  const viaOf = async (lmcpUrl: string, stop: boolean) => {
    await using lab = await openNatsLab(server, { host: { lmcpUrl, sshHost: "tesla.invalid" } });
    if (stop) await lab.stopAgent();
    const { structuredContent } = await lab.hub.call("remote_shell", {
      host: "tesla",
      command: "true",
    });
    return [structuredContent?.via, structuredContent?.fallback_reason];
  };
  const refused = `http://127.0.0.1:${freePort()}/mcp`;
  assert.deepEqual(await viaOf(agent.url, false), ["lmcp", null]);
  const [via, reason] = await viaOf(refused, false);
  assert.equal(via, "nats", NAME);
  assert.match(String(reason), /^connect: /);
  assert.equal((await viaOf(refused, true))[0], "ssh");
  await Deno.remove(home, { recursive: true });
});
