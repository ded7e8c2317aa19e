import assert from "node:assert/strict";
import { sshTest } from "../fleet/ssh/target.ts";
import { openBlackHole } from "../lab/black_hole.ts";
import { findChildren, until } from "../processes.ts";
import { untilListening } from "./client.ts";
import {
  type ProgramOptions,
  type RunningProgram,
  startProgram,
  temporaryFile,
} from "./program.ts";

/** A probe that is stopped gives up no host before. */
const PATIENT = { LMCP_HUB_CONNECT_TIMEOUT: "60", LMCP_HUB_SSH_TIMEOUT: "60" };

/** A fleet of hosts that are silent over both transports, and one that is up. */
async function startSilentFleet(
  silent: number,
  { args = [], env = {} }: Pick<ProgramOptions, "args" | "env"> = {},
) {
  await using stack = new AsyncDisposableStack();
  const hole = stack.use(await openBlackHole());
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const { hostname, port } = new URL(hole.url);
  const sshConfig = stack.use(
    await temporaryFile("ssh_config", `Host *\n  HostName ${hostname}\n  Port ${port}\n`),
  );
  const names = Array.from({ length: silent }, (_, index) => `s${index} s${index} ${hole.url} -`);
  const registry = stack.use(
    await temporaryFile("hosts.conf", [...names, `up - ${agent.url} -`, ""].join("\n")),
  );
  await untilListening(agent.port);
  const probe = stack.use(startProgram({
    args: ["--probe", "--registry", registry.path, ...args],
    env: { LMCP_HUB_SSH_CONFIG: sshConfig.path, ...env },
  }));
  const owned = stack.move();
  return { probe, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Reads what a program prints until a line matches, and goes on reading. */
async function untilPrinted(program: RunningProgram, pattern: RegExp) {
  const reader = program.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const read = async () => {
    const { value = "", done } = await reader.read();
    text += value;
    return !done;
  };
  while (!pattern.test(text) && await read());
  const rest = async () => {
    while (await read());
    return text;
  };
  return { text, all: rest() };
}

sshTest(
  "--probe prints hosts as they answer, and does not wait long for 200 silent ones",
  async () => {
    await using fleet = await startSilentFleet(200, { env: { LMCP_HUB_CONNECT_TIMEOUT: "2" } });
    const startedAt = performance.now();
    const { text, all } = await untilPrinted(fleet.probe, /^up /m);
    assert.equal(text.trim().split("\n").length, 1);
    const { code, stderr } = await fleet.probe.ended;
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 20_000, `it took ${tookMs} ms`);
    assert.equal(code, 1);
    assert.equal((await all).trim().split("\n").length, 201);
    assert.match(stderr, /^lmcp-hub: waiting for 20[01] of 201 hosts\n/);
  },
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  sshTest(`--probe ends on ${signal}, and says how far it came`, async () => {
    await using fleet = await startSilentFleet(20, { env: PATIENT });
    const { all } = await untilPrinted(fleet.probe, /^up /m);
    const startedAt = performance.now();
    fleet.probe.kill(signal);
    const { code, stderr } = await fleet.probe.ended;
    assert.ok(performance.now() - startedAt < 5_000);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^(lmcp-hub: waiting for 20 of 21 hosts\n)*lmcp-hub: stopped: 1 of 21 hosts were probed\n$/,
    );
    assert.match(await all, /^up .*\n$/);
  });
}

sshTest("--probe that is stopped prints no part of a JSON or a metrics text", async () => {
  for (const format of ["json", "prometheus"]) {
    await using fleet = await startSilentFleet(2, {
      args: ["--quiet", "--format", format],
      env: PATIENT,
    });
    await until(async () => (await findChildren(fleet.probe.pid)).length > 0);
    fleet.probe.kill("SIGTERM");
    const [{ code }, stdout] = await Promise.all([
      fleet.probe.ended,
      new Response(fleet.probe.stdout).text(),
    ]);
    assert.deepEqual([code, stdout], [2, ""]);
  }
});

Deno.test("--probe prints a table to a terminal, and what it still waits for", async () => {
  await using hole = await openBlackHole();
  await using agent = startProgram({ args: ["--agent"], permissions: "agent" });
  await using registry = await temporaryFile(
    "hosts.conf",
    `dead - ${hole.url} -\na-longer-name - ${agent.url} -\n`,
  );
  await untilListening(agent.port);
  await using probe = startProgram({
    args: ["--probe", "--registry", registry.path],
    // An empty NO_COLOR is none.
    env: { NO_COLOR: "" },
    onTerminal: true,
  });
  const [printed, { code }] = await Promise.all([new Response(probe.stdout).text(), probe.ended]);
  assert.equal(code, 1);
  const text = printed.replaceAll("\x1b[", "<");
  const lines = text.split("\r\n");
  assert.match(lines[0] ?? "", /^a-longer-name {2}<32mUP {2}<0m .*lmcp.* [ \d]{5} ms$/);
  assert.match(text, /1 of 2 probed, waiting for dead/);
  assert.match(text, /<2Kdead {11}<31mDOWN<0m .*lmcp: connect: timeout/);
  assert.match(lines.at(-2) ?? "", /2 hosts.*: .*1 up.*, .*1 down.* \(\d+\.\d s\)$/);
});
