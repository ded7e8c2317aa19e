import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { startNats } from "../../nats/server.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { CASES, fill } from "../../work/parity_cases.ts";
import { NAME, type NatsLab, natsTest, openNatsLab } from "./lab.ts";

/** The fields of a command's answer. */
async function shell({ hub }: NatsLab, args: JsonObject): Promise<JsonObject> {
  return (await hub.call("remote_shell", { host: "tesla", ...args })).structuredContent ?? {};
}

natsTest("every tool returns the same structured answer over NATS and over HTTP", async (test) => {
  await using server = await startNats();
  await using lab = await openNatsLab(server);
  await fill(lab.home);
  const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
  const callOn = async (host: string, tool: string, args: JsonObject) => {
    const { isError, structuredContent } = await lab.hub.call(tool, { host, ...args });
    const { host: _, via, fallback_reason: _reason, duration_ms: _ms, ...same } =
      structuredContent ?? {};
    assert.equal(via, host === "http" ? "lmcp" : "nats");
    return { isError, ...same };
  };
  for (const [tool, what, args, outcome] of CASES) {
    await test.step(`${tool}: ${what}`, async () => {
      const json = JSON.stringify(args).replaceAll("DIR", lab.home)
        .replaceAll("CHILD", String(child.pid));
      const overHttp = await callOn("http", tool, JSON.parse(json));
      const overNats = await callOn("tesla", tool, JSON.parse(json));
      assert.deepEqual(overNats, overHttp);
      assert.equal(Reflect.get(overNats, "outcome"), outcome);
    });
  }
  child.kill();
  await child.status;
});

natsTest(
  "a file of 16 MiB goes both ways over NATS, and a larger one than is allowed does not",
  async () => {
    await using server = await startNats();
    await using lab = await openNatsLab(server);
    const content = "0123456789abcde\n".repeat(1024 * 1024);
    const path = `${lab.home}/large`;
    const written = await lab.hub.call("remote_write_file", { host: "tesla", path, content });
    assert.equal(written.structuredContent?.outcome, "ok");
    assert.equal(written.structuredContent?.via, "nats");
    assert.equal(await Deno.readTextFile(path), content);
    const read = await lab.hub.call("remote_read_file", { host: "tesla", path });
    const [block] = read.content;
    assert.ok(block?.type === "text" && block.text === content);
    assert.equal(read.structuredContent?.via, "nats");
    await Deno.writeTextFile(path, content.repeat(2) + "x");
    const refused = await lab.hub.call("remote_read_file", { host: "tesla", path });
    assert.equal(refused.structuredContent?.outcome, "failed");
  },
);

natsTest("progress comes while a call runs over NATS", async () => {
  await using server = await startNats();
  await using lab = await openNatsLab(server);
  const lines: string[] = [];
  const seen = `${lab.home}/seen`;
  // Each line comes once the one before it was seen.
  const command = `for i in 1 2 3; do until [ -e ${seen}$((i - 1)) ]; do sleep 0.1; done; ` +
    "echo line $i; done";
  await Deno.writeTextFile(`${seen}0`, "");
  const result = await lab.hub.call("remote_shell", { host: "tesla", command }, {
    onProgress: (line) => {
      lines.push(line);
      Deno.writeTextFileSync(`${seen}${lines.length}`, "");
    },
  });
  assert.equal(result.structuredContent?.stdout, "line 1\nline 2\nline 3\n");
  assert.ok(lines.length >= 2, lines.join());
  assert.ok(lines.every((line) => /line \d/.test(line)), lines.join());
});

for (const claims of [true, false]) {
  natsTest(
    `a call that is cancelled ends on the agent that runs it, ${
      claims ? "with" : "without"
    } claims`,
    async () => {
      await using server = await startNats();
      await using lab = await openNatsLab(server, { agents: 2, claims });
      const cancelling = new AbortController();
      const sleep = `sleep ${uniqueSleep(60)}`;
      const call = lab.hub.call("remote_shell", { host: "tesla", command: sleep, timeout: 60 }, {
        signal: cancelling.signal,
      });
      await until(async () => (await findProcesses(sleep)).length > 0);
      cancelling.abort();
      await call;
      await until(async () => (await findProcesses(sleep)).length === 0);
    },
  );
}

natsTest("of two agents of one host each call runs on one", async () => {
  await using server = await startNats();
  // Claims would keep a call from running twice, too.
  await using lab = await openNatsLab(server, { agents: 2, claims: false });
  const path = `${lab.home}/runs`;
  const results = await Promise.all(
    Array.from({ length: 40 }, () => shell(lab, { command: `echo x >> ${path}` })),
  );
  for (const { outcome } of results) assert.equal(outcome, "ok");
  assert.equal((await Deno.readTextFile(path)).length, 80);
});

natsTest(
  "an agent that is stopped answers what runs, and then certainly runs nothing",
  async () => {
    await using server = await startNats();
    await using lab = await openNatsLab(server, { claims: true });
    const path = `${lab.home}/begun`;
    const command = `touch ${path}; sleep 1; echo done`;
    const running = lab.hub.call("remote_shell", { host: "tesla", command });
    await until(() => Deno.stat(path).then(() => true, () => false));
    const stopped = lab.stopAgent();
    assert.equal((await running).structuredContent?.stdout, "done\n");
    await stopped;
    const late = await lab.hub.call("remote_shell", { host: "tesla", command: "true" });
    assert.equal(late.structuredContent?.outcome, "not_delivered");
    assert.equal(
      late.structuredContent?.error,
      "nats: connect: no agent answers for this host",
    );
  },
);

natsTest("an agent that is started again is called at once", async () => {
  await using server = await startNats();
  await using lab = await openNatsLab(server, { claims: true });
  assert.equal((await shell(lab, { command: "echo 1" })).stdout, "1\n");
  const changes = lab.nats.wireTo(NAME).disconnects();
  await lab.stopAgent();
  lab.startAgent();
  await until(() => lab.nats.wireTo(NAME).disconnects() === changes + 2);
  assert.equal((await shell(lab, { command: "echo 2" })).stdout, "2\n");
});

natsTest("ssh takes over at once when no agent answers, and when NATS is away", async () => {
  await using server = await startNats();
  await using lab = await openNatsLab(server, { claims: true, host: { sshHost: "tesla.invalid" } });
  await lab.stopAgent();
  const call = async () => {
    const { structuredContent } = await lab.hub.call("remote_shell", {
      host: "tesla",
      command: "true",
    });
    return [structuredContent?.via, structuredContent?.fallback_reason];
  };
  assert.deepEqual(await call(), ["ssh", "connect: no agent answers for this host"]);
  await server.kill();
  await until(() => !lab.nats.connection.isUp());
  assert.deepEqual(await call(), ["ssh", "connect: NATS is not connected"]);
});

natsTest(
  "calls that run while NATS is killed and restarted are settled, and run once",
  async () => {
    await using server = await startNats();
    await using lab = await openNatsLab(server, { claims: true });
    const path = `${lab.home}/runs`;
    const calls = Array.from(
      { length: 8 },
      (_, at) =>
        shell(lab, { command: `echo x >> ${path}; sleep 3; echo done ${at}`, timeout: 20 }),
    );
    await until(async () => (await Deno.readTextFile(path).catch(() => "")).length === 16);
    await server.kill();
    await server.start();
    const outputs = (await Promise.all(calls)).map(({ stdout }) => stdout);
    assert.deepEqual(outputs, Array.from({ length: 8 }, (_, at) => `done ${at}\n`));
    assert.equal((await Deno.readTextFile(path)).length, 16);
  },
);

natsTest(
  "a host on NATS is UP while its agent announces itself, and DOWN once it has left",
  async () => {
    await using server = await startNats();
    await using lab = await openNatsLab(server);
    const listed = async (force: boolean) => {
      const { structuredContent } = await lab.hub.call("remote_list_hosts", {
        targets: "tesla",
        force,
      });
      const hosts: unknown = structuredContent?.hosts;
      return Array.isArray(hosts) ? hosts[0] : null;
    };
    const up = await listed(true);
    assert.deepEqual([up.up, up.via, up.paths, up.tool_count], [true, "nats", ["nats"], 17]);
    await lab.stopAgent();
    const down = await listed(true);
    assert.deepEqual([down.up, down.error], [
      false,
      "nats: connect: no agent answers for this host",
    ]);
  },
);
