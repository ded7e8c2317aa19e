import assert from "node:assert/strict";
import { type Access, clientCommands, clientSnippet, toFleet } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { at } from "../mcp/wire.ts";
import { assertSeen, CALL } from "./answers.ts";
import { makeHome } from "./home.ts";
import { responses } from "./model/responses.ts";
import { serveModel } from "./model/scripted_model.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title } = PROGRAMS.codex;

const CONFIGURATION = ".codex/config.toml";

/** `codex mcp list` does not connect; so what is asked is what a model sees. */
async function askModel(access: Access, token: string): Promise<string | undefined> {
  const codex = await installProgram(PROGRAMS.codex);
  await using home = await makeHome();
  await using model = serveModel(responses, {
    name: CALL.tool,
    namespace: "mcp__fleet",
    args: CALL.args,
  });
  await home.write(
    CONFIGURATION,
    `model = "scripted"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "${model.origin}/v1"
[analytics]
enabled = false
${toFleet(await clientSnippet(title, "toml"), access)}
default_tools_approval_mode = "approve"
`,
  );
  const args = ["exec", "--strict-config", "--skip-git-repo-check", "Call the tool"];
  const { stdout, stderr } = await home.run(codex, args, { FLEET_TOKEN: token });
  assert.equal(stdout, "Finished\n", stderr);
  return model.seen();
}

testWithNpm(`${title} adds what the document says, and reads the rest of it`, async () => {
  const codex = await installProgram(PROGRAMS.codex);
  const access = { origin: "http://127.0.0.1:1", token: "t0ken" };
  await using home = await makeHome();
  for (const [name, ...args] of await clientCommands(title, access)) {
    assert.equal(name, "codex");
    assert.equal((await home.run(codex, args)).code, 0);
  }
  const documented = toFleet(await clientSnippet(title, "toml"), access);
  const added = await home.read(CONFIGURATION);
  assert.equal(added, documented.split("\n").slice(0, 3).join("\n") + "\n");

  await home.write(CONFIGURATION, documented);
  const entry = JSON.parse((await home.run(codex, ["mcp", "get", "fleet", "--json"])).stdout);
  assert.equal(at(entry, "transport", "url"), `${access.origin}/mcp`);
  assert.equal(at(entry, "transport", "bearer_token_env_var"), "FLEET_TOKEN");
  assert.equal(at(entry, "tool_timeout_sec"), 3600);
});

testWithNpm(`${title} shows its model the hub's whole answer`, async () => {
  await using fleet = await startDocumentedFleet();
  await assertSeen(await askModel(fleet, fleet.token), fleet);
});

testWithNpm(`${title} has no tools for its model when the hub refuses its token`, async () => {
  await using fleet = await startDocumentedFleet();
  assert.match(await askModel(fleet, "wrong") ?? "", /^unsupported call/);
});
