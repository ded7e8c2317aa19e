import assert from "node:assert/strict";
import { META_CLAIM, META_CLAIMS } from "../../../lib/work/claims/protocol.ts";
import { at } from "../../mcp/wire.ts";
import { startBackend } from "../../lab/backend.ts";
import { type LabDialect, modernDialect, resultText } from "../../lab/dialect.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { stopSeen } from "../../lab/stop_seen.ts";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { makeOld, openClaimsLab } from "./lab.ts";

Deno.test("a call to an agent that keeps claims carries one, a read does not", async () => {
  await using lab = await openClaimsLab();
  assert.equal((await lab.shell("echo done")).text, "[rc=0]\ndone\n");
  await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
  const claims = lab.relay.requests.filter(({ method }) => method === "tools/call")
    .map((request) => at(request, "params", "_meta", META_CLAIM, "id"));
  assert.match(String(claims[0]), /^[0-9a-f]{32}$/);
  assert.deepEqual(claims.slice(1), [undefined]);
});

Deno.test("a call to a backend that keeps no claims carries none", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [host] });
  await hub.call("remote_shell", { host: host.name, command: "true" });
  assert.deepEqual(
    backend.requests.map(({ method, params }) => [method, at(params, "_meta", META_CLAIM)]),
    [["server/discover", undefined], ["tools/call", undefined]],
  );
});

/** A modern backend that says it keeps claims. */
function claimingDialect(): LabDialect {
  const modern = modernDialect();
  const claims = { directory: "/claims", id: "f-1", boot: "b-1" };
  return {
    answer: (request) =>
      request.method === "server/discover"
        ? {
          body: resultText(request, {
            supportedVersions: ["2026-07-28"],
            _meta: { [META_CLAIMS]: claims },
          }),
        }
        : modern.answer(request),
  };
}

Deno.test("a backend that was replaced is asked again whether it keeps claims, before a call", async () => {
  await using backend = await startBackend({ dialect: claimingDialect });
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host] });
  const call = () => hub.call("remote_shell", { host: host.name, command: "true" });
  await call();
  await stopSeen({ backend, hub, host });
  await backend.start(modernDialect);
  await call();
  assert.deepEqual(
    backend.requests.map(({ method, params }) => [
      method,
      at(params, "_meta", META_CLAIM) !== undefined,
    ]),
    [["server/discover", false], ["tools/call", true], ["server/discover", false], [
      "tools/call",
      false,
    ]],
  );
});

Deno.test("a lost answer is collected, and the command ran once", async () => {
  await using lab = await openClaimsLab();
  lab.strikeNext("lose answer");
  const { outcome, via, text } = await lab.shell("echo done; exit 3");
  assert.deepEqual([outcome, via, text], ["ok", "lmcp", "[rc=3]\ndone\n"]);
  assert.equal(await lab.runs(), 1);
});

Deno.test("a call whose network is cut and healed while it runs gets its answer", async () => {
  await using lab = await openClaimsLab();
  const call = lab.shell("sleep 1.2; echo done");
  await until(async () => await lab.runs() === 1);
  await lab.relay.setCut(true);
  await new Promise((resolve) => setTimeout(resolve, 600));
  await lab.relay.setCut(false);
  const { outcome, text } = await call;
  assert.deepEqual([outcome, text], ["ok", "[rc=0]\ndone\n"]);
  assert.equal(await lab.runs(), 1);
});

Deno.test("a call that was lost on its way did not run, and cannot when it arrives late", async () => {
  await using lab = await openClaimsLab();
  await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
  await makeOld(lab.claims);
  lab.strikeNext("lose request");
  const { outcome, text } = await lab.shell();
  assert.equal(outcome, "not_delivered");
  assert.match(
    text,
    /^Error: lmcp: connection lost: .*; it did not run \| ssh: no host configured\nIt did not run\.$/,
  );
  const late = await lab.relay.deliverLate(lab.relay.requests.length - 2);
  assert.equal(at(late, "result", "_meta", META_CLAIM, "state"), "fenced");
  assert.equal(await lab.runs(), 0);
});

Deno.test("of a call that was lost where claims are as new as it, nothing is known", async () => {
  await using lab = await openClaimsLab();
  lab.strikeNext("lose request");
  const { outcome, text } = await lab.shell();
  assert.equal(outcome, "unknown");
  assert.match(text, /; what the host knows of calls does not go back to it \| outcome unknown:/);
});

Deno.test("a call that an agent cannot claim runs once, without a claim", async () => {
  await using lab = await openClaimsLab();
  await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
  await Deno.remove(lab.claims, { recursive: true });
  await Deno.writeTextFile(lab.claims, "no folder");
  const { outcome, text } = await lab.shell("echo done");
  assert.deepEqual([outcome, text], ["ok", "[rc=0]\ndone\n"]);
  assert.equal(await lab.runs(), 1);
  lab.strikeNext("pass");
  const claims = lab.relay.requests.filter(({ method }) => method === "tools/call").slice(-2)
    .map((request) => at(request, "params", "_meta", META_CLAIM) !== undefined);
  assert.deepEqual(claims, [true, false]);
});

Deno.test("a caller that goes away ends its command, however the call fares", async () => {
  for (const isCut of [false, true]) {
    await using lab = await openClaimsLab();
    const controller = new AbortController();
    const sleep = uniqueSleep(30);
    const command =
      `echo $$ >${lab.directory}/pid; sleep ${sleep}; echo again >>${lab.directory}/journal`;
    const args = { host: lab.host.name, command };
    const call = lab.hub.call("remote_shell", args, { signal: controller.signal });
    await until(async () => (await findProcesses(`sleep ${sleep}`)).length > 0);
    if (isCut) await lab.relay.setCut(true);
    await lab.relay.setCut(false);
    const pid = (await Deno.readTextFile(`${lab.directory}/pid`)).trim();
    controller.abort();
    await call;
    await untilGone(pid);
    assert.equal(await lab.runs(), 0);
  }
});

async function untilGone(pid: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { success } = await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" })
      .output();
    if (!success) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`Process ${pid} is still there`);
}
