import assert from "node:assert/strict";
import { idIn } from "../approvals/fleet.ts";
import { callForModel, untilListening } from "../e2e/client.ts";
import { runProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { codeBlocks, readDocument } from "./documents.ts";

const TOKEN = "of-the-bot-0123456789";

Deno.test("docs/approvals.md shows what the operator of its registry sees", async () => {
  const blocks = codeBlocks(await readDocument("docs/approvals.md"));
  const find = (language: string) =>
    blocks.find((block) => block.language === language)?.code ?? "";
  const [, listed = "", allowed = ""] = find("console").split(/^\$ .*\n/m);
  await using registry = await temporaryFile("hosts.toml", find("toml"));
  const directory = registry.path.slice(0, registry.path.lastIndexOf("/"));
  const env = { LMCP_TOKEN_BOT: TOKEN, LMCP_HUB_CONTROL_DIR: `${directory}/c` };
  const options = { env, writes: directory };
  await using hub = startProgram({ ...options, args: ["--registry", registry.path] });
  await untilListening(hub.port);
  const command = "sudo systemctl restart nginx";
  const headers = { authorization: `Bearer ${TOKEN}` };
  const args = { host: "web1", command };
  const asked = await callForModel(hub.url, "remote_shell", args, { headers });
  const id = idIn(asked);
  const withId = (text: string) => text.replaceAll("k7m2p9qxhd", id);
  const program = async (...flags: readonly string[]) =>
    (await runProgram({ ...options, args: flags })).stdout;
  assert.equal(await program("--approvals"), withId(listed));
  assert.equal(await program("--approve", id), withId(allowed));
});
