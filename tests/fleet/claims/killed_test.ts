import assert from "node:assert/strict";
import { untilListening } from "../../e2e/client.ts";
import { type RunningProgram, startProgram } from "../../e2e/program.ts";
import { freePort } from "../../free_port.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { summary } from "../answers.ts";
import { removeDirectory } from "../../remove_directory.ts";

async function startAgent(stateDirectory: string, port: number): Promise<RunningProgram> {
  const env = { LMCP_STATE_DIR: stateDirectory, LMCP_PORT: String(port) };
  const agent = startProgram({ permissions: "agent", args: ["--agent"], env });
  await untilListening(port);
  return agent;
}

Deno.test("a call whose agent is killed and started again began, was cut off, and runs once", async () => {
  const directory = await Deno.makeTempDir();
  const port = freePort();
  const host = labHost({ lmcpUrl: `http://127.0.0.1:${port}/mcp`, sshHost: null });
  const sleep = uniqueSleep(61);
  {
    await using hub = openHub({ hosts: [host] });
    const first = await startAgent(directory, port);
    const command =
      `echo run >>${directory}/journal; sleep ${sleep}; echo done >>${directory}/journal`;
    const call = hub.call("remote_shell", { host: host.name, command });
    await until(async () => (await findProcesses(sleep)).length > 0);
    first.kill("SIGKILL");
    await first[Symbol.asyncDispose]();
    await using _second = await startAgent(directory, port);
    const { outcome, via, text } = summary(await call);
    assert.deepEqual([outcome, via], ["unknown", "lmcp"]);
    assert.match(
      text,
      /^Error: lmcp: connection lost: .*; it began and was cut off \| outcome unknown/,
    );
    await until(async () => (await findProcesses(sleep)).length === 0);
    assert.equal(await Deno.readTextFile(`${directory}/journal`), "run\n");
  }
  await removeDirectory(directory);
});
