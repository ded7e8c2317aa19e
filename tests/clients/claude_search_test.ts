import assert from "node:assert/strict";
import { clientCommands } from "../docs/client_snippets.ts";
import { startDocumentedFleet } from "../docs/fleet.ts";
import { makeHome } from "./home.ts";
import { serveSearchingModel } from "./model/searching_model.ts";
import { installProgram, testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const { title } = PROGRAMS.claudeCode;
const PREFIX = "mcp__fleet__";

const SETTINGS = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  // Without it, tools are searched for only if the model is reached at Anthropic's own address.
  ENABLE_TOOL_SEARCH: "true",
};

/** Beside the hub's tools, the search knows those of the client itself. */
const QUESTIONS: readonly (readonly [question: string, expected: string])[] = [
  ["copy config to the server", "remote_write_file"],
  ["find large log files", "remote_search_files"],
  ["start a long build on a machine", "remote_shell_bg"],
  ["change a line in /etc/hosts on db1", "remote_edit_file"],
  ["read /etc/os-release of web3", "remote_read_file"],
  ["list the directory /var/log of a host", "remote_list_dir"],
  ["what extra tools do the hosts offer", "remote_tools"],
];

testWithNpm(
  `${title} has the tools needed most at once, and finds the others by questions`,
  async () => {
    const claude = await installProgram(PROGRAMS.claudeCode);
    await using fleet = await startDocumentedFleet();
    await using home = await makeHome();
    await using model = serveSearchingModel(QUESTIONS.map(([question]) => question));
    for (const [, ...args] of await clientCommands(title, fleet)) await home.run(claude, args);
    const { stdout, stderr } = await home.run(claude, ["-p", "Search"], {
      ...SETTINGS,
      ANTHROPIC_BASE_URL: model.origin,
      ANTHROPIC_API_KEY: "none",
    });
    assert.equal(stdout, "Finished\n", stderr);

    const loaded = model.loaded().filter((name) => name.startsWith(PREFIX));
    assert.deepEqual(loaded.toSorted(), [`${PREFIX}remote_list_hosts`, `${PREFIX}remote_shell`]);
    const found = model.found();
    assert.equal(found.length, QUESTIONS.length);
    for (const [index, [question, expected]] of QUESTIONS.entries()) {
      const best = found[index]?.slice(0, 2) ?? [];
      assert.ok(best.includes(PREFIX + expected), `${question}: ${best.join(", ")}`);
    }
  },
);
