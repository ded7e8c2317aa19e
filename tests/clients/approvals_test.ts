import { createMCPClient, ElicitationRequestSchema } from "@ai-sdk/mcp";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPClientTransport as HttpTransportV1,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import assert from "node:assert/strict";
import { type ConfirmedFleet, headersOf, idIn, startConfirmedFleet } from "../approvals/fleet.ts";
import { sshTest } from "../fleet/ssh/target.ts";
import { at } from "../mcp/wire.ts";
import { testWithNpm } from "./npm.ts";
import { PROGRAMS } from "./programs.ts";

const INFO = { name: "test-client", version: "1.0.0" };
const RULES = `
[[confirm]]
hosts = ["one", "two"]
`;
const HEADERS = headersOf("alice");
/** @ai-sdk/mcp does not read the body of the 405 that answers its GET. */
const LEAVES_BODY = { sanitizeResources: false };

const argumentsOf = ({ command }: ConfirmedFleet) => ({ targets: "@all", command });
const textIn = (result: unknown) => ({ text: String(at(result, "content", 0, "text")) });

/** A person's answer, and what a client asked that person. */
class Person {
  readonly questions: string[] = [];
  answer: { action: "accept" | "decline" | "cancel"; content?: Record<string, boolean> };

  constructor(answer: Person["answer"]) {
    this.answer = answer;
  }

  ask(params: unknown): Person["answer"] {
    this.questions.push(String(at(params, "message")));
    return this.answer;
  }
}

const YES = { action: "accept", content: { run: true } } as const;

/** From the first call to the result, by a client that cannot ask its user. */
async function approveOutOfBand(
  fleet: ConfirmedFleet,
  call: (args: Record<string, string>) => Promise<unknown>,
): Promise<void> {
  const asked = await call(argumentsOf(fleet));
  assert.equal(at(asked, "isError"), true);
  assert.match(textIn(asked).text, /^Error: not run: a person must allow this call first/);
  assert.equal(await fleet.countRuns(), 0);
  const approval = idIn(textIn(asked));
  assert.equal((await fleet.program("--approve", approval)).code, 0);
  assert.equal(await fleet.countRuns(), 0);
  const answer = await call({ ...argumentsOf(fleet), approval });
  assert.notEqual(at(answer, "isError"), true, textIn(answer).text);
  assert.match(textIn(answer).text, /^2 hosts: 2 exit 0/);
  assert.equal(await fleet.countRuns(), 2);
}

async function connectV2(
  fleet: ConfirmedFleet,
  mode: "legacy" | "auto",
  person: Person | null,
): Promise<Client> {
  const client = new Client(INFO, {
    versionNegotiation: { mode },
    capabilities: person === null ? {} : { elicitation: { form: {} } },
  });
  if (person !== null) {
    client.setRequestHandler("elicitation/create", ({ params }) => person.ask(params));
  }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(fleet.hub.url), {
      requestInit: { headers: HEADERS },
    }),
  );
  return client;
}

sshTest("SDK v2 asks its user once, and the call runs when they say yes", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const person = new Person(YES);
  const client = await connectV2(fleet, "auto", person);
  const run = async () =>
    await client.callTool({ name: "remote_run", arguments: argumentsOf(fleet) });
  const answer = await run();
  assert.match(textIn(answer).text, /^2 hosts: 2 exit 0/);
  assert.equal(await fleet.countRuns(), 2);
  assert.equal(person.questions.length, 1);
  assert.equal(
    person.questions[0],
    "May this call run?\ntool: remote_run\nclient: alice\nhosts (2): one two\n" +
      `command:\n    ${fleet.command}`,
  );
  for (
    const [no, text] of [
      [{ action: "decline" }, /denied/],
      [{ action: "accept", content: { run: false } }, /denied/],
      [{ action: "accept", content: {} }, /no answer/],
      [{ action: "cancel" }, /--approve/],
    ] as const
  ) {
    person.answer = no;
    const refused = await run();
    assert.equal(refused.isError, true);
    assert.match(textIn(refused).text, text);
  }
  assert.equal(await fleet.countRuns(), 2);
  await client.close();
});

for (const [mode, person] of [["auto", null], ["legacy", new Person(YES)]] as const) {
  const how = person === null ? "without elicitation" : "with elicitation in an older revision";
  sshTest(`SDK v2, ${mode}, ${how}, is shown how the operator allows its call`, async () => {
    await using fleet = await startConfirmedFleet(RULES);
    const client = await connectV2(fleet, mode, person);
    await approveOutOfBand(
      fleet,
      (args) => client.callTool({ name: "remote_run", arguments: args }),
    );
    assert.deepEqual(person?.questions ?? [], []);
    await client.close();
  });
}

sshTest("SDK v1 with elicitation is shown how the operator allows its call", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const person = new Person(YES);
  const client = new ClientV1(INFO, { capabilities: { elicitation: {} } });
  client.setRequestHandler(
    ElicitRequestSchema,
    (request: unknown) => person.ask(at(request, "params")),
  );
  await client.connect(
    new HttpTransportV1(new URL(fleet.hub.url), { requestInit: { headers: HEADERS } }),
  );
  await approveOutOfBand(
    fleet,
    (args) => client.callTool({ name: "remote_run", arguments: args }),
  );
  assert.deepEqual(person.questions, []);
  await client.close();
});

Deno.test(
  "@ai-sdk/mcp asks its user once, and the call runs when they say yes",
  LEAVES_BODY,
  async () => {
    await using fleet = await startConfirmedFleet(RULES);
    const person = new Person(YES);
    const client = await createMCPClient({
      transport: { type: "http", url: fleet.hub.url, headers: HEADERS },
      capabilities: { elicitation: {} },
    });
    client.onElicitationRequest(ElicitationRequestSchema, ({ params }) => person.ask(params));
    const { remote_run: run } = await client.tools();
    const options = { toolCallId: "1", messages: [], context: {} };
    const answer = await run?.execute?.(argumentsOf(fleet), options);
    assert.match(textIn(answer).text, /^2 hosts: 2 exit 0/);
    assert.equal(person.questions.length, 1);
    assert.equal(await fleet.countRuns(), 2);
    person.answer = { action: "decline" };
    await run?.execute?.(argumentsOf(fleet), options);
    assert.equal(person.questions.length, 2);
    assert.equal(await fleet.countRuns(), 2);
    await client.close();
  },
);

testWithNpm("the Inspector is shown how the operator allows its call", async () => {
  await using fleet = await startConfirmedFleet(RULES);
  const { name, version } = PROGRAMS.inspector;
  await approveOutOfBand(fleet, async (args) => {
    const { stdout } = await new Deno.Command("npx", {
      args: [
        ...["-y", `${name}@${version}`, "--cli", fleet.hub.url, "--transport", "http"],
        ...["--header", `Authorization: ${HEADERS.authorization}`],
        ...["--method", "tools/call", "--tool-name", "remote_run"],
        ...Object.entries(args).flatMap(([key, value]) => ["--tool-arg", `${key}=${value}`]),
      ],
      stdin: "null",
      stderr: "null",
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  });
});
