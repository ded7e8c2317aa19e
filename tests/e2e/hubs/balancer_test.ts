import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { holdCommand } from "../../held_command.ts";
import { request } from "../../mcp/wire.ts";
import { NATS_SERVER } from "../../nats/server.ts";
import { NGINX } from "../../nginx.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { callForModel, callTool, postTo, unanswered } from "../client.ts";
import type { RunningProgram } from "../program.ts";
import { assertWentToBoth, type Balancer, startBalancer } from "./balancer.ts";
import { startTwoHubs } from "./two_hubs.ts";

const TOKEN = "the-operators-token";
const headers = { authorization: `Bearer ${TOKEN}` };

interface Balanced extends AsyncDisposable {
  readonly one: RunningProgram;
  readonly balancer: Balancer;
  /** Calls as a model's client does, through the balancer. */
  readonly call: (tool: string, args: JsonObject) => Promise<string>;
}

async function startBalanced(): Promise<Balanced> {
  await using stack = new AsyncDisposableStack();
  const hubs = stack.use(await startTwoHubs({ LMCP_TOKEN: TOKEN }));
  const balancer = stack.use(await startBalancer([hubs.one, hubs.two]));
  const owned = stack.move();
  return {
    one: hubs.one,
    balancer,
    call: async (tool, args) => (await callForModel(balancer.url, tool, args, { headers })).text,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function balancerTest(name: string, fn: () => Promise<void>): void {
  const needs = NATS_SERVER === null || NGINX === null ? " (needs nats-server, and nginx)" : "";
  Deno.test({ name: `${name}${needs}`, ignore: needs !== "", fn });
}

balancerTest(
  "behind nginx, the answer of a call that goes on is collected from another hub",
  async () => {
    await using hubs = await startBalanced();
    await using held = await holdCommand();
    const command = `${held.command}; sleep 1; echo done`;
    const late = await hubs.call("remote_shell", { host: "here", command, wait: 1 });
    const id = /^still running: remote_output id="(o-\w+)"/.exec(late)?.[1];
    await held.letGo();
    assert.equal(
      await hubs.call("remote_output", { id: id ?? late, wait: 20 }),
      "[rc=0]\ndone\n",
    );
    await assertWentToBoth(hubs.balancer, 2);
  },
);

balancerTest(
  "behind nginx, a legacy client's cancel that arrives at another hub ends its call",
  async () => {
    await using hubs = await startBalanced();
    const { url } = hubs.balancer;
    const hello = await postTo(
      url,
      request(0, "initialize", { protocolVersion: "2025-11-25" }),
      { headers },
    );
    await hello.body?.cancel();
    const session = { ...headers, "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
    const seconds = uniqueSleep(600);
    const giving = new AbortController();
    const args = { host: "here", command: `sleep ${seconds}` };
    const call = unanswered(
      callTool(url, { tool: "remote_shell", args, id: 7, headers: session, signal: giving.signal }),
    );
    await until(async () => (await findProcesses(seconds)).length > 0);
    const cancel = {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 7 },
    };
    const accepted = await postTo(url, cancel, { headers: session });
    await accepted.body?.cancel();
    assert.equal(accepted.status, 202);
    await until(async () => (await findProcesses(seconds)).length === 0, 5_000);
    giving.abort();
    await call;
    await assertWentToBoth(hubs.balancer, 2);
  },
);

balancerTest("behind nginx, either hub lists a job, and another than its own ends it", async () => {
  await using hubs = await startBalanced();
  const seconds = uniqueSleep(600);
  await hubs.call("remote_shell_bg", {
    host: "here",
    command: `sleep ${seconds}`,
    name: "sleeper",
  });
  await until(async () => (await findProcesses(seconds)).length > 0);
  const lists = [];
  for (let times = 0; times < 2; times++) {
    lists.push(await hubs.call("remote_jobs", { targets: "here" }));
  }
  await assertWentToBoth(hubs.balancer, 2);
  const ids = lists.map((text) => /^([0-9a-f]{8}) {2}here.*sleeper/m.exec(text)?.[1] ?? text);
  assert.equal(ids[0], ids[1]);
  // Of three requests in turn, the third goes where the first went.
  await hubs.call("remote_kill", { host: "here", id: ids[0] });
  await until(async () => (await findProcesses(seconds)).length === 0);
});

balancerTest("behind nginx, whoever has signed in to the fleet page stays signed in", async () => {
  await using hubs = await startBalanced();
  const { origin } = new URL(hubs.balancer.url);
  const signedIn = await fetch(`${origin}/sign-in`, {
    method: "POST",
    body: new URLSearchParams({ token: TOKEN }),
    headers: { origin, accept: "application/json" },
  });
  await signedIn.body?.cancel();
  assert.equal(signedIn.status, 200);
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const paths = ["/", "/hosts/here", "/api/hosts/here", "/", "/calls", "/api/hosts/here"];
  const statuses = [];
  for (const path of paths) {
    // Calls in between go to the hubs in turn.
    await hubs.call("remote_shell", { host: "here", command: "true" });
    const response = await fetch(`${origin}${path}`, { headers: { cookie } });
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assert.deepEqual(statuses, paths.map(() => 200));
  await assertWentToBoth(hubs.balancer, 2 * paths.length);
});

balancerTest("behind nginx, a call may have arguments as long as a hub takes them", async () => {
  await using hubs = await startBalanced();
  const command = `true ${"x".repeat(2_000_000)}`;
  const text = await hubs.call("remote_write_file", {
    host: "here",
    path: "/dev/null",
    content: command,
  });
  assert.match(text, /\b2000005 bytes\b/);
});

balancerTest("behind nginx, calls go on when a hub is killed", async () => {
  await using hubs = await startBalanced();
  const call = () => hubs.call("remote_shell", { host: "here", command: "echo done" });
  await call();
  await call();
  await assertWentToBoth(hubs.balancer, 2);
  hubs.one.kill("SIGKILL");
  await hubs.one.ended;
  for (let times = 0; times < 4; times++) assert.equal(await call(), "[rc=0]\ndone\n");
});
