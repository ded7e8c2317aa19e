import assert from "node:assert/strict";
import { z } from "zod";
import { parseCommand } from "../../lib/cli/command.ts";
import { PROGRAMS } from "../clients/programs.ts";
import { postTo } from "../e2e/client.ts";
import { at, request } from "../mcp/wire.ts";
import { READERS, readMcpServers } from "./client_entries.ts";
import { clientCommands, clientSnippet, toFleet } from "./client_snippets.ts";
import { codeBlocks, readDocument, section, tableRows } from "./documents.ts";
import { type DocumentedFleet, startDocumentedFleet } from "./fleet.ts";

const document = await readDocument("docs/clients.md");

/** How long the entries let a call last, where a client has a setting that needs to be set. */
const WAITS_SECONDS: Readonly<Record<string, number>> = {
  "Codex": 3600,
  "Zed": 3600,
  "Cline": 3600,
  "Goose": 3600,
  "OpenAI Agents": 3600,
};

/** The clients whose entries name the variable of the token, and how. */
const IN_VARIABLE: Readonly<Record<string, string>> = {
  "Codex": "FLEET_TOKEN",
  "opencode": "Bearer {env:FLEET_TOKEN}",
  "mcporter": "Bearer ${FLEET_TOKEN}",
};

const python = new Deno.Command("python3", { args: ["--version"], stdout: "null" });
const hasPython = await python.output().then(({ success }) => success, () => false);

for (const [title, { language, read }] of Object.entries(READERS)) {
  const ignore = language === "python" && !hasPython;
  const name =
    `the entry of ${title} has the hub's URL, its token, and the time that calls may take`;
  Deno.test(ignore ? `${name} (ignored: no python3)` : name, { ignore }, async () => {
    const access = { origin: "https://hub.test:8443", token: "t0ken" };
    assert.deepEqual(await read(toFleet(await clientSnippet(title, language), access)), {
      url: "https://hub.test:8443/mcp",
      authorization: IN_VARIABLE[title] ?? "Bearer t0ken",
      waitsSeconds: WAITS_SECONDS[title],
    });
  });
}

Deno.test("the commands that configure a client name the entry, and reach the hub", async () => {
  await using fleet = await startDocumentedFleet();
  for (const title of ["Claude Code", "Codex", "Gemini CLI"]) {
    const [command, ...others] = await clientCommands(title, fleet);
    assert.ok(command !== undefined && others.length === 0);
    assert.deepEqual(command.slice(1, 3), ["mcp", "add"]);
    assert.ok(command.includes("fleet"), command.join(" "));
    const [, value] = /^Authorization: (.*)/.exec(command.at(-1) ?? "") ?? [];
    assert.equal(value ?? command.at(-1), title === "Codex" ? "FLEET_TOKEN" : bearerOf(fleet));
    await assertServes(command.find((word) => word.startsWith("http:")) ?? "", bearerOf(fleet));
  }
});

Deno.test("the entry of Claude Desktop starts the hub, over ssh or not", async () => {
  const entry = z.object({ command: z.string(), args: z.array(z.string()) })
    .parse(readMcpServers(await clientSnippet("Claude Desktop", "json")));
  const words = [entry.command, ...entry.args];
  assert.equal(parseCommand(words.slice(words.indexOf("lmcp-hub") + 1)).mode, "stdio");
});

Deno.test("docs/clients.md has no snippet of a client that nothing reads", () => {
  const read = ["Claude Desktop", ...Object.keys(READERS)].flatMap((title) =>
    codeBlocks(section(document, title))
  );
  const configurations = (blocks: ReturnType<typeof codeBlocks>) =>
    blocks.filter(({ language }) => language !== "sh");
  assert.equal(configurations(codeBlocks(document)).length, configurations(read).length);
});

Deno.test("docs/clients.md names the versions that the tests run, and no other", () => {
  const rows = tableRows(document, "client", "version");
  const tested = rows.map(([title, version]) => [title, version]);
  const programs = Object.values(PROGRAMS).map(({ title, version }) => [title, version]);
  assert.deepEqual(tested.toSorted(), programs.toSorted());
  for (const { title, name, version } of Object.values(PROGRAMS)) {
    for (const [, used] of document.text.matchAll(new RegExp(`\\b${name}@([\\d.]+)`, "g"))) {
      assert.equal(used, version, title);
    }
  }
});

function bearerOf({ token }: DocumentedFleet): string {
  return `Bearer ${token}`;
}

/** Begins a session and lists the tools, as a client does. */
async function assertServes(url: string, authorization: string): Promise<void> {
  const response = await postTo(url, request(1, "tools/list"), { headers: { authorization } });
  assert.ok(Array.isArray(at(await response.json(), "result", "tools")), url);
}
