import assert from "node:assert/strict";
import { type Access, clientCommands } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { at } from "../mcp/wire.ts";
import { assertSeen, CALL } from "./answers.ts";
import { type Home, makeHome } from "./home.ts";
import { gemini as dialect } from "./model/gemini.ts";
import { serveModel } from "./model/scripted_model.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title } = PROGRAMS.geminiCli;

const SETTINGS = ".gemini/settings.json";
const ENV = { GEMINI_CLI_TRUST_WORKSPACE: "true", GEMINI_CLI_NO_RELAUNCH: "true" };

/** Types what the document says. */
async function addHub(home: Home, gemini: string, access: Access): Promise<void> {
  for (const [name, ...args] of await clientCommands(title, access)) {
    assert.equal(name, "gemini");
    const { code, stderr } = await home.run(gemini, args, ENV);
    assert.equal(code, 0, stderr);
  }
}

testWithNpm(`${title}, as the document sets it up, connects to the hub`, async () => {
  const gemini = await installProgram(PROGRAMS.geminiCli);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await addHub(home, gemini, fleet);
  const settings = await home.read(SETTINGS);
  assert.equal(at(JSON.parse(settings), "mcpServers", "fleet", "timeout"), 3_600_000);
  const list = await home.run(gemini, ["mcp", "list"], ENV);
  assert.match(list.stdout + list.stderr, /fleet: \S+ \(http\) - Connected$/m);

  await home.write(SETTINGS, settings.replace(fleet.token, "wrong"));
  const refused = await home.run(gemini, ["mcp", "list"], ENV);
  assert.match(refused.stdout + refused.stderr, /fleet: \S+ \(http\) - Disconnected$/m);
});

testWithNpm(`${title} shows its model the hub's whole answer`, async () => {
  const gemini = await installProgram(PROGRAMS.geminiCli);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await using model = serveModel(dialect, { name: `mcp_fleet_${CALL.tool}`, args: CALL.args });
  await home.write(
    SETTINGS,
    JSON.stringify({
      security: { auth: { selectedType: "gemini-api-key" } },
      privacy: { usageStatisticsEnabled: false },
    }),
  );
  await addHub(home, gemini, fleet);
  const { stdout, stderr } = await home.run(
    gemini,
    ["--model", "gemini-2.5-flash", "--approval-mode", "yolo", "--prompt", "Call the tool"],
    { ...ENV, GOOGLE_GEMINI_BASE_URL: model.origin, GEMINI_API_KEY: "none" },
  );
  assert.equal(stdout.trim(), "Finished", stderr);
  await assertSeen(model.seen(), fleet);
});
