import assert from "node:assert/strict";
import { runProgram } from "../e2e/program.ts";
import { at } from "../mcp/wire.ts";
import { toFleet } from "./client_snippets.ts";
import {
  codeBlocks,
  codeSpans,
  readDocument,
  readDocuments,
  shellSnippets,
  tableRows,
} from "./documents.ts";
import { startDocumentedFleet } from "./fleet.ts";
import { type ShellCommand, shellCommands } from "./shell_commands.ts";

const documents = await readDocuments();
const blocks = documents.flatMap(codeBlocks);

Deno.test("the curl commands of the documents work", async () => {
  await using fleet = await startDocumentedFleet();
  const snippets = documents.flatMap(shellSnippets).map((snippet) => toFleet(snippet, fleet));
  const calls = (await Promise.all(snippets.map(shellCommands))).flat()
    .filter(([name]) => name === "curl");
  assert.ok(calls.length >= 5);
  for (const call of calls) {
    const response = await curl(call);
    const text = await response.text();
    assert.equal(response.status, 200, call.join(" "));
    if (!response.headers.get("content-type")?.startsWith("application/json")) continue;
    const result = at(JSON.parse(text), "result");
    assert.ok(result !== undefined && at(result, "isError") !== true, text);
  }
});

Deno.test("lmcp-hub --check finds no fault in the registries of the documents", async () => {
  const registries = blocks.filter(({ language, code }) =>
    language === "toml" && code.includes("[hosts.")
  );
  assert.ok(registries.length >= 3);
  for (const { code } of registries) {
    const directory = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${directory}/hosts.toml`, code, { mode: 0o600 });
      await Deno.mkdir(`${directory}/tokens`);
      for (const [, name = ""] of code.matchAll(/^token_file = "tokens\/(\w+)"/gm)) {
        await Deno.writeTextFile(`${directory}/tokens/${name}`, "t0ken\n", { mode: 0o600 });
      }
      const variables = [...code.matchAll(/^token_env = "(\w+)"/gm)];
      const { code: status, stdout } = await runProgram({
        args: ["--check", "--registry", `${directory}/hosts.toml`],
        env: Object.fromEntries(variables.map(([, name = ""]) => [name, "another-t0ken"])),
      });
      assert.equal(status, 0, stdout);
      assert.match(stdout, / 0 errors/);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }
});

Deno.test("docs/operating.md lists every metric that a hub has, and no other", async () => {
  await using fleet = await startDocumentedFleet();
  const headers = { authorization: `Bearer ${fleet.token}` };
  const page = await (await fetch(`${fleet.origin}/metrics`, { headers })).text();
  const names = [...page.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name);
  const listed = tableRows(await readDocument("docs/operating.md"), "metric").flatMap((
    [cell = ""],
  ) => codeSpans(cell));
  assert.deepEqual(listed.toSorted(), names.toSorted());
});

/** Does what `curl` would do with these arguments. */
function curl([, ...args]: ShellCommand): Promise<Response> {
  const headers = new Headers();
  let url = "";
  let body: string | null = null;
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    if (word === "-H") {
      const [name = "", value = ""] = (args.shift() ?? "").split(": ");
      headers.append(name, value);
    } else if (word === "-d") body = args.shift() ?? "";
    else if (!word.startsWith("-")) url = word;
    else assert.equal(word, "-s");
  }
  return fetch(url, { method: body === null ? "GET" : "POST", headers, body });
}
