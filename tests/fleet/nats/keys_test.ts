import assert from "node:assert/strict";
import { EARLIER } from "../../../lib/tools/key.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { openLabNats } from "../../lab/nats_hub.ts";
import { NATS_SERVER, startNats } from "../../nats/server.ts";
import { until } from "../../processes.ts";
import { summary } from "../answers.ts";
import { openSshdTarget, sshTest } from "../ssh/target.ts";
import { NAME, natsTest, openNatsLab } from "./lab.ts";

natsTest(
  "a key is refused over ssh while nobody knows where the agent on NATS keeps its claims",
  async () => {
    await using server = await startNats();
    await using nats = await openLabNats(server.settings);
    const ssh = createFakeSsh();
    const host = labHost({ natsName: NAME });
    await using hub = openHub({ hosts: [host], ssh, natsWireTo: nats.wireTo });
    const args = { host: host.name, command: "true", key: "k" };
    const { outcome, text } = summary(await hub.call("remote_shell", args));
    assert.equal(outcome, "not_delivered");
    assert.match(
      text,
      /ssh: whether this key was used before is not known until the backend has said where/,
    );
    assert.equal(ssh.uses.length, 0);
  },
);

if (NATS_SERVER !== null) {
  sshTest("a key is known over ssh what it was used for on an agent on NATS", async () => {
    await using server = await startNats();
    await using target = await openSshdTarget();
    await using lab = await openNatsLab(server, { claims: true });
    const host = labHost({ name: "both", natsName: NAME, sshHost: "target" });
    await using hub = openHub({ hosts: [host], ssh: target.ssh, natsWireTo: lab.nats.wireTo });
    const args = { host: host.name, command: "echo $RANDOM$RANDOM", key: "k" };
    const first = summary(await hub.call("remote_shell", args));
    assert.equal(first.via, "nats");
    await server.kill();
    await until(() => !lab.nats.connection.isUp());
    const second = summary(await hub.call("remote_shell", args));
    assert.equal(second.text, `[via ssh fallback]\n${first.text}${EARLIER}`);
  });
}
