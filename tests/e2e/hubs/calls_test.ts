import assert from "node:assert/strict";
import { NATS_SERVER } from "../../nats/server.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { callForModel, callTool, postTo, unanswered } from "../client.ts";
import { temporaryFile } from "../program.ts";
import { startTwoHubs } from "./two_hubs.ts";

const ignore = NATS_SERVER === null;
const SESSION = { "mcp-session-id": "session-1" };

async function cancel(url: string, requestId: number, session = SESSION): Promise<void> {
  const message = {
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId },
  };
  const response = await postTo(url, message, { headers: session });
  assert.equal(response.status, 202);
  await response.body?.cancel();
}

Deno.test({
  name: "a legacy client's cancel ends its call at another hub, but no other session's",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    const [seconds, other] = [uniqueSleep(600), uniqueSleep(600)];
    const giving = new AbortController();
    const start = (id: number, seconds: string) =>
      unanswered(callTool(one, {
        tool: "remote_shell",
        args: { host: "here", command: `sleep ${seconds}` },
        id,
        headers: SESSION,
        signal: giving.signal,
      }));
    const runs = async (seconds: string) => (await findProcesses(seconds)).length > 0;
    const calls = [start(7, seconds), start(9, other)];
    await until(async () => await runs(seconds) && await runs(other));
    await cancel(two, 7, { "mcp-session-id": "session-2" });
    await cancel(two, 8);
    // It is handled after those before it.
    await cancel(two, 9);
    await until(async () => !await runs(other));
    assert.ok(await runs(seconds));
    await cancel(two, 7);
    await until(async () => !await runs(seconds), 5_000);
    giving.abort();
    await Promise.all(calls);
  },
});

Deno.test({
  name: "a cancel that may mean the calls of two hubs ends neither",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    const [first, second] = [uniqueSleep(600), uniqueSleep(600)];
    const start = (url: string, id: number, seconds: string) =>
      callTool(url, {
        tool: "remote_shell",
        args: { host: "here", command: `sleep ${seconds}` },
        id,
        headers: SESSION,
      }).catch(() => null);
    const third = uniqueSleep(600);
    const calls = [start(one, 7, first), start(two, 7, second), start(one, 9, third)];
    const runs = async (seconds: string) => (await findProcesses(seconds)).length > 0;
    const areRunning = async () => (await Promise.all([first, second, third].map(runs)));
    await until(async () => !(await areRunning()).includes(false));
    await cancel(two, 7);
    // It is handled after the one before it.
    await cancel(two, 9);
    await until(async () => !await runs(third));
    assert.deepEqual(await areRunning(), [true, true, false]);
    for (const seconds of [first, second]) {
      for (const pid of await findProcesses(seconds)) Deno.kill(pid);
    }
    const ended = await Promise.all(calls);
    assert.deepEqual(ended.map((answer) => answer !== null), [true, true, false]);
  },
});

Deno.test({
  name: "one key that is sent through two hubs at once runs once",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    await using scratch = await temporaryFile("runs", "");
    const args = {
      host: "here",
      command: `echo run >>${scratch.path}; sleep 0.5; echo done`,
      key: "deploy-1",
    };
    const answers = await Promise.all(
      [hubs.one, hubs.two, hubs.one].map(({ url }) => callForModel(url, "remote_shell", args)),
    );
    for (const { text } of answers) assert.match(text, /done|still running/);
    assert.match(answers.map(({ text }) => text).join("\n"), /done/);
    const later = await callForModel(hubs.two.url, "remote_shell", args);
    assert.match(later.text, /done/);
    assert.equal(await Deno.readTextFile(scratch.path), "run\n");
  },
});

Deno.test({
  name: "a job that one hub has started is listed, read and ended by another",
  ignore,
  fn: async () => {
    await using hubs = await startTwoHubs();
    const [one, two] = [hubs.one.url, hubs.two.url];
    const seconds = uniqueSleep(600);
    const started = await callTool(one, {
      tool: "remote_shell_bg",
      args: { host: "here", command: `echo begun; sleep ${seconds}`, name: "sleeper" },
    });
    assert.equal(started.isError, false, started.text);
    await until(async () => (await findProcesses(seconds)).length > 0);
    const lists = await Promise.all(
      [one, two].map((url) => callForModel(url, "remote_jobs", { targets: "here" })),
    );
    const ids = lists.map(({ text }) => {
      assert.match(text, /sleeper/);
      return /^[0-9a-f]{8}(?= {2}here)/m.exec(text)?.[0] ?? text;
    });
    assert.equal(ids[0], ids[1]);
    const ended = await callForModel(two, "remote_kill", { host: "here", id: ids[0] });
    assert.equal(ended.isError, false, ended.text);
    await until(async () => (await findProcesses(seconds)).length === 0);
  },
});
