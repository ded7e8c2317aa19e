import { z } from "zod";
import { reset } from "../../../tests/lab/faults/connection.ts";
import { startBackend as startLabBackend } from "../../../tests/lab/backend.ts";
import type { Bench, Section } from "../bench.ts";
import { startAgent, startHub } from "../servers.ts";
import type { Table } from "../table.ts";
import { callAny } from "../tool_request.ts";

/** What models read of typical answers, in bytes, with the hub's two profiles. */
export const answers: Section = { name: "answers", run: runAnswers };

interface TypicalCall {
  readonly name: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const resultSchema = z.object({
  result: z.object({
    content: z.array(z.object({ text: z.string() })),
    structuredContent: z.unknown().optional(),
    isError: z.boolean().optional(),
  }),
});

type Result = z.output<typeof resultSchema>["result"];

/** What each client shows its model of a result. */
const CLIENTS: Readonly<Record<string, (result: Result) => string>> = {
  "Claude Code": (result) => result.isError ? textOf(result) : structuredOf(result),
  Codex: structuredOf,
  "VS Code": structuredOf,
  "Gemini CLI": textOf,
};

async function runAnswers(bench: Bench): Promise<Table[]> {
  await using agent = await startAgent(bench);
  await using lost = await startLabBackend({
    behaviour: ({ method }) => method === "tools/call" ? reset : null,
  });
  const { port } = agent;
  const fleet = Array.from({ length: 28 }, (_, at) => ({ name: `web${at}`, port }));
  const lostPort = Number(new URL(lost.url).port);
  const hosts = [{ name: "here", port }, { name: "lost", port: lostPort }, ...fleet];
  await using hub = await startHub({ hosts }, bench);
  const rows = [];
  for (const call of await typicalCalls(bench)) {
    bench.signal.throwIfAborted();
    const ask = async (isForProgram: boolean) => {
      const answer = await callAny({ port: hub.port, ...call, isForProgram });
      return resultSchema.parse(JSON.parse(answer)).result;
    };
    const structured = await ask(true);
    const sizes = Object.values(CLIENTS).map((show) => sizeOf(show(structured)));
    rows.push([call.name, ...sizes, sizeOf(textOf(await ask(false)))]);
  }
  return [{
    title: "Bytes of an answer that a model reads",
    columns: ["call", ...Object.keys(CLIENTS).map((name) => `${name}, structured`), "all, text"],
    rows,
    targets: [],
    notes: ["as clients show results, before limits of their own"],
  }];
}

async function typicalCalls({ directory }: Bench): Promise<readonly TypicalCall[]> {
  const path = `${directory}/two-thousand-lines`;
  const lines = Array.from({ length: 2_000 }, (_, at) => `  "line ${at}": "of a file",\n`);
  await Deno.writeTextFile(path, lines.join(""));
  const shell = (name: string, command: string, more: Readonly<Record<string, unknown>> = {}) => ({
    name,
    tool: "remote_shell",
    args: { host: "here", command, ...more },
  });
  return [
    shell("uname", "uname -a"),
    shell("10 lines", "seq 1 10"),
    shell(
      "3 MB of log",
      "yes 'Nov 26 12:00:00 web1 app[42]: GET /index.html 200' | head -c 3000000",
    ),
    shell("a failed command", "ls -l /no/such/file"),
    shell("a timeout", "echo begun; sleep 9", { timeout: 1 }),
    { ...shell("an unknown outcome", "reboot"), args: { host: "lost", command: "reboot" } },
    { name: "a list of 30 hosts", tool: "remote_list_hosts", args: {} },
    { name: "a file of 2,000 lines", tool: "remote_read_file", args: { host: "here", path } },
    { name: "a folder", tool: "remote_list_dir", args: { host: "here", path: "/etc" } },
    {
      name: "a file written",
      tool: "remote_write_file",
      args: { host: "here", path: `${directory}/written`, content: "x\n" },
    },
  ];
}

function textOf({ content }: Result): string {
  return content.map(({ text }) => text).join("\n");
}

/** Where there is no structure, these clients show the text. */
function structuredOf(result: Result): string {
  const { structuredContent } = result;
  return structuredContent === undefined ? textOf(result) : JSON.stringify(structuredContent);
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
