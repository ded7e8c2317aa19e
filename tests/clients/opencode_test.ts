import assert from "node:assert/strict";
import { parse } from "jsonc-parser";
import { clientSnippet, toFleet } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { assertSeen, CALL } from "./answers.ts";
import { makeHome } from "./home.ts";
import { chatCompletions } from "./model/chat_completions.ts";
import { serveModel } from "./model/scripted_model.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title } = PROGRAMS.openCode;

const CONFIGURATION = ".config/opencode/opencode.json";
const QUIET = { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" };

testWithNpm(`${title}, as the document sets it up, connects to the hub`, async () => {
  const opencode = await installProgram(PROGRAMS.openCode);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await home.write(CONFIGURATION, toFleet(await clientSnippet(title, "jsonc"), fleet));
  const list = (token: string) =>
    home.run(opencode, ["mcp", "list"], { ...QUIET, FLEET_TOKEN: token });
  const { stdout, stderr } = await list(fleet.token);
  assert.match(stdout + stderr, /✓ fleet .*connected/);
  const refused = await list("wrong");
  assert.match(refused.stdout + refused.stderr, /✗ fleet .*failed\s.*401/);
});

testWithNpm(`${title} shows its model the hub's whole answer`, async () => {
  const opencode = await installProgram(PROGRAMS.openCode);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await using model = serveModel(chatCompletions, { name: `fleet_${CALL.tool}`, args: CALL.args });
  await home.write(
    CONFIGURATION,
    JSON.stringify({
      ...parse(toFleet(await clientSnippet(title, "jsonc"), fleet)),
      model: "scripted/scripted",
      permission: { "*": "allow" },
      provider: {
        scripted: {
          npm: "@ai-sdk/openai-compatible",
          options: { baseURL: `${model.origin}/v1`, apiKey: "none" },
          models: { scripted: {} },
        },
      },
    }),
  );
  const { stdout, stderr } = await home.run(opencode, ["run", "Call the tool"], {
    ...QUIET,
    FLEET_TOKEN: fleet.token,
  });
  assert.match(stdout, /Finished/, stderr);
  await assertSeen(model.seen(), fleet);
});
