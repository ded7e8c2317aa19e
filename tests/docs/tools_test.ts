import assert from "node:assert/strict";
import { z } from "zod";
import { callTool, postTo } from "../e2e/client.ts";
import type { ResultProfile } from "../../lib/mcp/profile.ts";
import { at, request } from "../mcp/wire.ts";
import { codeBlocks, codeSpans, readDocument, tableRows } from "./documents.ts";
import { type DocumentedFleet, startDocumentedFleet } from "./fleet.ts";

const objectSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ maxLength: z.number().optional(), maximum: z.number().optional() }),
  ),
  required: z.array(z.string()).default([]),
});

const listSchema = z.object({
  result: z.object({
    tools: z.array(z.object({
      name: z.string(),
      inputSchema: objectSchema,
      outputSchema: objectSchema.optional(),
      annotations: z.object({ readOnlyHint: z.boolean() }),
    })),
  }),
});

/** Tools without a `host` that go to hosts all the same. */
const ON_HOSTS: readonly string[] = ["remote_run", "remote_jobs", "remote_copy"];

/** The id of a job, of which no host knows. */
const JOB = "0123456789abcdef";

type ListedTool = z.output<typeof listSchema>["result"]["tools"][number];

const readme = await readDocument("README.md");
const clients = await readDocument("docs/clients.md");

async function listTools(
  { origin, token }: DocumentedFleet,
  profile: ResultProfile = "text",
): Promise<readonly ListedTool[]> {
  const headers = { authorization: `Bearer ${token}` };
  const url = `${origin}/mcp?results=${profile}`;
  const response = await postTo(url, request(1, "tools/list"), { headers });
  return listSchema.parse(await response.json()).result.tools;
}

/** What is needed unless something else is given in its place, and so is not required. */
const REPLACEABLE = ["command", "old_string", "new_string"];

/** Whether a call to a host that has only ssh gets as far as ssh. */
async function isTriedOverSsh(tool: ListedTool, fleet: DocumentedFleet): Promise<boolean> {
  const { properties, required } = tool.inputSchema;
  const isReplaceable = (name: string) =>
    Object.hasOwn(properties, name) && !required.includes(name);
  const needed = [...required, ...REPLACEABLE.filter(isReplaceable)];
  const args = Object.fromEntries(needed.map((name) => [name, name === "id" ? JOB : name]));
  const host = Object.hasOwn(properties, "host") ? "host" : "targets";
  await fleet.takeSshCall();
  await callTool(`${fleet.origin}/mcp`, {
    tool: tool.name,
    args: tool.name === "remote_copy" ? copyArgs(fleet) : { ...args, [host]: fleet.sshOnly },
    headers: { authorization: `Bearer ${fleet.token}` },
  });
  return await fleet.takeSshCall();
}

function copyArgs({ sshOnly }: DocumentedFleet): { from: string; to: string } {
  return { from: `${sshOnly}:/x`, to: `${sshOnly}:/y` };
}

Deno.test("README.md lists the tools that a hub offers, and what they can do", async () => {
  await using fleet = await startDocumentedFleet();
  const expected: unknown[] = [];
  for (const tool of await listTools(fleet)) {
    const args = Object.keys(tool.inputSchema.properties);
    const isOnHost = args.includes("host") || ON_HOSTS.includes(tool.name);
    const overSsh = !isOnHost ? "–" : await isTriedOverSsh(tool, fleet) ? "yes" : "no";
    expected.push([[tool.name], args, overSsh, tool.annotations.readOnlyHint ? "yes" : "no"]);
  }
  const listed = tableRows(readme, "tool", "arguments", "over ssh", "read-only").map(
    ([name = "", args = "", ...rest]) => [codeSpans(name), codeSpans(args), ...rest],
  );
  assert.deepEqual(listed, expected);
});

Deno.test("docs/clients.md lists every field of the tools' structured answers", async () => {
  await using fleet = await startDocumentedFleet();
  const fields = (await listTools(fleet, "structured"))
    .flatMap(({ outputSchema }) => Object.keys(outputSchema?.properties ?? {}));
  const listed = tableRows(clients, "field", "of which tools").flatMap(([names = ""]) =>
    codeSpans(names)
  );
  assert.deepEqual(listed.toSorted(), [...new Set(fields)].toSorted());
});

Deno.test("docs/clients.md has the limits of arguments that the tools declare", async () => {
  await using fleet = await startDocumentedFleet();
  const declared = new Map(
    (await listTools(fleet, "structured")).flatMap(({ inputSchema }) =>
      Object.entries(inputSchema.properties)
    )
      .flatMap(([name, { maxLength, maximum }]) => {
        const limit = maxLength ?? maximum;
        return limit === undefined ? [] : [[name, limit] as const];
      }),
  );
  const listed = tableRows(clients, "what", "limit").flatMap(([names = "", limit = ""]) =>
    codeSpans(names).map((name) => [name, parseInt(limit.replaceAll(",", ""))] as const)
  );
  assert.deepEqual(new Map(listed), declared);
});

Deno.test("README.md shows an answer as models get it", async () => {
  await using fleet = await startDocumentedFleet();
  const [session = ""] = codeBlocks(readme).filter(({ language }) => language === "console")
    .map(({ code }) => code);
  const answer: unknown = JSON.parse(
    session.slice(session.indexOf('\n{"jsonrpc"')).replaceAll("\n", ""),
  );
  const args = { host: "local", command: "uname -sr" };
  const call = request(1, "tools/call", { name: "remote_shell", arguments: args });
  // As `curl` asks for it, not as a stream of events where it takes its time.
  const headers = { authorization: `Bearer ${fleet.token}`, accept: "application/json" };
  const response = await postTo(`${fleet.origin}/mcp`, call, { headers });
  assert.deepEqual(withoutText(answer), withoutText(await response.json()));
  assert.match(String(at(answer, "result", "content", 0, "text")), /^\[rc=0\]\n/);
});

/** Of this machine's kernel the text speaks alone. */
function withoutText(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (name, value) => name === "text" ? "" : value));
}
