import assert from "node:assert/strict";
import { startBackend } from "../lab/backend.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";
import { openSshTools } from "../tools/ssh_tools.ts";
import { summary } from "./answers.ts";
import { sshTest } from "./ssh/target.ts";

Deno.test("a read that finds no room is turned away, a command's answer is not", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host], maxReadBytes: 10 });
  const read = summary(await hub.call("remote_read_file", { host: host.name, path: "/x" }));
  assert.match(read.text, /lmcp: too many large answers are being read at once, try again later/);
  const run = summary(await hub.call("remote_shell", { host: host.name, command: "true" }));
  assert.equal(run.outcome, "ok");
});

sshTest("a file read over ssh that finds no room is turned away", async () => {
  await using tools = await openSshTools({ maxReadBytes: 10 });
  const path = `${tools.directory}/file`;
  await Deno.writeTextFile(path, "x".repeat(11));
  const read = await tools.call("remote_read_file", { host: "target", path });
  assert.match(read.text, /ssh: too many large answers are being read at once, try again later/);
});
