import assert from "node:assert/strict";
import { clientCommands, clientSnippet, toFleet } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { at } from "../mcp/wire.ts";
import { makeHome } from "./home.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title, name, version } = PROGRAMS.mcporter;

testWithNpm(`${title}, as the document sets it up, lists and calls the hub's tools`, async () => {
  const mcporter = await installProgram(PROGRAMS.mcporter);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await home.write(
    ".mcporter/mcporter.json",
    toFleet(await clientSnippet(title, "json"), fleet),
  );
  const env = { FLEET_TOKEN: fleet.token };
  const outputs = [];
  for (const [program, specifier, ...args] of await clientCommands(title, fleet)) {
    assert.deepEqual([program, specifier], ["npx", `${name}@${version}`]);
    const { code, stdout, stderr } = await home.run(mcporter, args, env);
    assert.equal(code, 0, stderr);
    outputs.push(stdout);
  }
  const [list = "", call = ""] = outputs;
  assert.match(list, /remote_list_hosts/);
  const release = Deno.osRelease();
  assert.ok(call.includes(release), call);

  const text = await home.run(
    mcporter,
    ["call", "fleet.remote_shell", "host=local", "command=uname -r", "--output", "text"],
    env,
  );
  assert.equal(text.stdout.trim(), `[rc=0]\n${release}`);
});

testWithNpm(`${title} says that the hub refuses its token`, async () => {
  const mcporter = await installProgram(PROGRAMS.mcporter);
  await using fleet = await startDocumentedFleet();
  await using home = await makeHome();
  await home.write(
    ".mcporter/mcporter.json",
    toFleet(await clientSnippet(title, "json"), fleet),
  );
  const env = { FLEET_TOKEN: "wrong" };
  const { stdout } = await home.run(mcporter, ["list", "fleet", "--json"], env);
  const { status, issue } = JSON.parse(stdout);
  assert.deepEqual([status, at(issue, "statusCode")], ["auth", 401]);
});
