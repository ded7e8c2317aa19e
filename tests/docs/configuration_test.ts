import assert from "node:assert/strict";
import { FLAGS, MODE_FLAGS } from "../../lib/cli/flags.ts";
import { helpText } from "../../lib/cli/help.ts";
import { ENVIRONMENT } from "../../lib/config/variables.ts";
import { fillSections } from "../../scripts/docs/sections.ts";
import { TABLES } from "../../scripts/docs/tables.ts";
import { codeSpans, prose, readDocument, readDocuments, ROOT, tableRows } from "./documents.ts";

const configuration = await readDocument("docs/configuration.md");
const documents = await readDocuments();

/** Those that tests read: the binaries to run, and where to put pictures. */
const OF_TESTS = ["LMCP_TEST_BINARY", "LMCP_TEST_SCREENSHOTS"];

Deno.test("docs/configuration.md has the tables that the code makes: else run deno task docs", () => {
  assert.equal(configuration.text, fillSections(configuration.text, TABLES));
});

Deno.test("docs/configuration.md lists every variable and every flag", () => {
  const spans = new Set(codeSpans(configuration.text).map((span) => span.split(" ", 1).join()));
  const missing = [...ENVIRONMENT.map(({ name }) => name), ...[...FLAGS.keys()].map(dashed)]
    .filter((name) => !spans.has(name));
  assert.deepEqual(missing, []);
});

Deno.test("docs/configuration.md lists the exit statuses that --help lists", () => {
  const [, help = ""] = helpText("hub").split("Exit statuses:\n");
  const listed = tableRows(configuration, "exit status").map(([status]) => status);
  assert.deepEqual(listed, [...help.matchAll(/^ +(\d+) /gm)].map(([, status]) => status));
});

Deno.test("the documents name no variable that does not exist", () => {
  const known = new Set([...ENVIRONMENT.map(({ name }) => name), ...OF_TESTS]);
  for (const { path, text } of documents) {
    const unknown = [...text.matchAll(/\bLMCP_[A-Z][A-Z_]*\b/g)].map(([name]) => name)
      .filter((name) => !known.has(name) && !isExampleOfTokenEnv(name));
    assert.deepEqual(unknown, [], path);
  }
});

Deno.test("the documents name no flag that does not exist", async () => {
  const own = new Set(["help", "version", ...MODE_FLAGS, ...FLAGS.keys()].map(dashed));
  const scripts = [
    "install.sh",
    "add-host.sh",
    "bench/options.ts",
    "chaos.ts",
    "compile/target.ts",
    "mcpb/options.ts",
  ];
  const files = ["deno.json", ...scripts.map((name) => `scripts/${name}`)];
  const text = (await Promise.all(files.map((name) => Deno.readTextFile(ROOT + name)))).join("\n");
  const isOfScript = (flag: string) => text.includes(flag) || text.includes(` ${flag.slice(2)}: {`);
  for (const document of documents) {
    const flags = codeSpans(prose(document)).flatMap((span) => span.match(/^--[a-z-]+/) ?? []);
    const unknown = flags.filter((flag) => !own.has(flag) && !isOfScript(flag));
    assert.deepEqual(unknown, [], document.path);
  }
});

function dashed(flag: string): string {
  return `--${flag}`;
}

/** The registry's `token_env` names variables that the program does not know. */
function isExampleOfTokenEnv(name: string): boolean {
  return /^LMCP_TOKEN_[A-Z]*$/.test(name);
}
