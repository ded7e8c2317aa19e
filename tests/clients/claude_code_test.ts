import assert from "node:assert/strict";
import { type Access, clientCommands } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { assertSeen, CALL } from "./answers.ts";
import { type Home, makeHome } from "./home.ts";
import { anthropic } from "./model/anthropic.ts";
import { serveModel } from "./model/scripted_model.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title } = PROGRAMS.claudeCode;

const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" };

/** Types what the document says. */
async function addHub(home: Home, claude: string, access: Access): Promise<void> {
  for (const [name, ...args] of await clientCommands(title, access)) {
    assert.equal(name, "claude");
    const { code, stderr } = await home.run(claude, args, QUIET);
    assert.equal(code, 0, stderr);
  }
}

testWithNpm(`${title}, as the document sets it up, connects to the hub`, async () => {
  const claude = await installProgram(PROGRAMS.claudeCode);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await addHub(home, claude, fleet);
  const list = await home.run(claude, ["mcp", "list"], QUIET);
  assert.match(list.stdout, /^fleet: \S+ \(HTTP\) - . Connected$/m);
  const entry = await home.run(claude, ["mcp", "get", "fleet"], QUIET);
  assert.match(entry.stdout, /Status: . Connected/);
  assert.ok(entry.stdout.includes(`URL: ${fleet.origin}/mcp\n`), entry.stdout);
});

testWithNpm(`${title} says that the hub refuses its token`, async () => {
  const claude = await installProgram(PROGRAMS.claudeCode);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await addHub(home, claude, { ...fleet, token: "wrong" });
  const { stdout } = await home.run(claude, ["mcp", "list"], QUIET);
  assert.match(stdout, /^fleet: .* Failed to connect .*401.*A valid bearer token is needed/m);
});

testWithNpm(`${title} shows its model the hub's whole answer`, async () => {
  const claude = await installProgram(PROGRAMS.claudeCode);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await using model = serveModel(anthropic, { name: `mcp__fleet__${CALL.tool}`, args: CALL.args });
  await addHub(home, claude, fleet);
  const { stdout, stderr } = await home.run(
    claude,
    ["-p", "Call the tool", "--allowedTools", "mcp__fleet__*"],
    { ...QUIET, ANTHROPIC_BASE_URL: model.origin, ANTHROPIC_API_KEY: "none" },
  );
  assert.equal(stdout, "Finished\n", stderr);
  await assertSeen(model.seen(), fleet);
});
