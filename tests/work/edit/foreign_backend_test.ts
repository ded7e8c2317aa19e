import assert from "node:assert/strict";
import { summary } from "../../fleet/answers.ts";
import { openSshdTarget, sshTest } from "../../fleet/ssh/target.ts";
import { startBackend } from "../../lab/backend.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { plainDialect } from "../../lab/dialect.ts";
import { unknownTool } from "../../lab/faults/rpc.ts";

const PLAIN = { old_string: "two", new_string: "2" };

sshTest("a backend that is not our agent makes one edit; more go over ssh", async () => {
  await using target = await openSshdTarget();
  await using backend = await startBackend({
    dialect: plainDialect,
    behaviour: ({ params }) => params.name === "apply_edits" ? unknownTool : null,
  });
  const host = labHost({ lmcpUrl: backend.url, sshHost: "target" });
  await using hub = openHub({ hosts: [host], ssh: target.ssh });
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "one\ntwo\n");
  const edit = async (args: Record<string, unknown>) =>
    summary(await hub.call("remote_edit_file", { host: host.name, path, ...args }));
  const plain = await edit(PLAIN);
  assert.deepEqual([plain.via, plain.text], ["lmcp", "from the backend"]);
  assert.equal(await Deno.readTextFile(path), "one\ntwo\n");
  const several = await edit({ edits: [PLAIN] });
  assert.deepEqual([several.outcome, several.via], ["ok", "ssh"]);
  assert.equal(await Deno.readTextFile(path), "one\n2\n");
  await Deno.remove(path);
});
