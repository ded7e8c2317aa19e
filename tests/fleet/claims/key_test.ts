import assert from "node:assert/strict";
import { CallEnded } from "../../../lib/mcp/in_flight.ts";
import { EARLIER } from "../../../lib/tools/key.ts";
import { callRecord } from "../../calls/record.ts";
import { startBackend } from "../../lab/backend.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { labHost } from "../../lab/host.ts";
import { openHub } from "../../lab/hub.ts";
import { plainDialect } from "../../lab/dialect.ts";
import { freePort } from "../../free_port.ts";
import { summary } from "../answers.ts";
import { openSshdTarget, sshTest } from "../ssh/target.ts";
import { makeOld, openClaimsLab } from "./lab.ts";

Deno.test("a call with the key of an earlier one gets its answer, and does not run again", async () => {
  await using lab = await openClaimsLab();
  const first = await lab.shell("echo done; exit 3", { key: "deploy 7" });
  const second = await lab.shell("echo done; exit 3", { key: "deploy 7" });
  assert.equal(first.text, "[rc=3]\ndone\n");
  assert.deepEqual([second.outcome, second.via, second.text], [
    "ok",
    "lmcp",
    `[rc=3]\ndone\n${EARLIER}`,
  ]);
  assert.equal(await lab.runs(), 1);
});

Deno.test("the record of a call says whether its answer is an earlier call's", async () => {
  await using lab = await openClaimsLab();
  const marks: unknown[] = [];
  for (let times = 0; times < 2; times++) {
    const record = callRecord({ deliveries: [] });
    const args = { host: lab.host.name, command: "true", key: "k" };
    await lab.hub.call("remote_shell", args, { record });
    marks.push(record.deliveries.map(({ isEarlier }) => isEarlier));
  }
  assert.deepEqual(marks, [[undefined], [true]]);
});

Deno.test("two calls with one key at the same instant are one run with one answer", async () => {
  await using lab = await openClaimsLab();
  const call = () => lab.shell("sleep 0.5; echo done $RANDOM", { key: "k" });
  const texts = (await Promise.all([call(), call(), call()])).map(({ text }) => text);
  assert.equal(await lab.runs(), 1);
  const answers = new Set(texts.map((text) => text.replace(EARLIER, "")));
  assert.equal(answers.size, 1, texts.join("\n"));
  assert.equal(texts.filter((text) => text.endsWith(EARLIER)).length, 2);
});

Deno.test("another key, and no key, run again", async () => {
  await using lab = await openClaimsLab();
  for (const args of [{ key: "a" }, { key: "b" }, {}, {}]) {
    assert.equal((await lab.shell("echo done", args)).text, "[rc=0]\ndone\n");
  }
  assert.equal(await lab.runs(), 4);
});

Deno.test("a key that was used with other arguments is refused, and nothing runs", async () => {
  await using lab = await openClaimsLab();
  await lab.shell("echo one", { key: "k" });
  const { outcome, text } = await lab.shell("echo two", { key: "k" });
  assert.equal(outcome, "not_delivered");
  assert.equal(
    text,
    "Error: lmcp: this key was used for another call: take a new one\nIt did not run.",
  );
  assert.equal(await lab.runs(), 1);
});

Deno.test("every tool that changes something takes a key", async () => {
  await using lab = await openClaimsLab();
  const host = lab.host.name;
  const path = `${lab.directory}/file`;
  for (
    const [tool, args] of [
      ["remote_write_file", { path, content: "one" }],
      ["remote_edit_file", { path, old_string: "one", new_string: "two" }],
      ["remote_shell_bg", { command: `echo run >>${path}.journal`, log: `${path}.log` }],
    ] as const
  ) {
    const [first, second] = [
      summary(await lab.hub.call(tool, { host, key: "k " + tool, ...args })),
      summary(await lab.hub.call(tool, { host, key: "k " + tool, ...args })),
    ];
    assert.deepEqual([second.outcome, second.text], ["ok", `${first.text}\n${EARLIER}`]);
  }
  assert.equal(await Deno.readTextFile(path), "two");
});

Deno.test("a call with a key goes on when its client is disconnected, and can be asked for", async () => {
  await using lab = await openClaimsLab();
  const client = new AbortController();
  const command = `echo run >>${lab.directory}/journal; sleep 0.5; echo done`;
  const args = { host: lab.host.name, command, key: "k" };
  const lost = lab.hub.call("remote_shell", args, { signal: client.signal });
  client.abort(new CallEnded("disconnected"));
  const again = summary(await lab.hub.call("remote_shell", args));
  assert.equal(again.text.replace(EARLIER, ""), "[rc=0]\ndone\n");
  await lost;
  assert.equal(await lab.runs(), 1);
});

Deno.test("a call with a key whose caller cancels it ends", async () => {
  await using lab = await openClaimsLab();
  const client = new AbortController();
  const command = `echo run >>${lab.directory}/journal; sleep 30`;
  const args = { host: lab.host.name, command, key: "k" };
  const call = lab.hub.call("remote_shell", args, { signal: client.signal });
  while (await lab.runs() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  client.abort(new CallEnded("cancelled"));
  assert.equal(summary(await call).outcome, "unknown");
  const again = summary(await lab.hub.call("remote_shell", args));
  assert.match(again.text, /cancelled; the command was ended/);
});

Deno.test("a key is refused where the backend keeps no claims and there is no ssh", async () => {
  await using backend = await startBackend({ dialect: plainDialect });
  const host = labHost({ lmcpUrl: backend.url, sshHost: null });
  await using hub = openHub({ hosts: [host] });
  const args = { host: host.name, command: "true", key: "k" };
  const { outcome, text } = summary(await hub.call("remote_shell", args));
  assert.equal(outcome, "not_delivered");
  assert.equal(
    text,
    "Error: lmcp: its backend does not know calls by their key, and might run this one again | " +
      "ssh: no host configured\nIt did not run.",
  );
  assert.equal(backend.requests.some(({ method }) => method === "tools/call"), false);
});

Deno.test("a key is refused over ssh while nobody knows where the backend keeps its claims", async () => {
  const host = labHost({ lmcpUrl: `http://127.0.0.1:${freePort()}/mcp` });
  const ssh = createFakeSsh();
  await using hub = openHub({ hosts: [host], ssh });
  const args = { host: host.name, command: "true", key: "k" };
  const { outcome, text } = summary(await hub.call("remote_shell", args));
  assert.equal(outcome, "not_delivered");
  assert.match(
    text,
    /ssh: whether this key was used before is not known until the backend has said where/,
  );
  assert.equal(ssh.uses.length, 0);
});

Deno.test("a key is refused where nothing can be claimed", async () => {
  await using lab = await openClaimsLab();
  await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
  await Deno.remove(lab.claims, { recursive: true });
  await Deno.writeTextFile(lab.claims, "no folder");
  const { outcome, text } = await lab.shell("true", { key: "k" });
  assert.equal(outcome, "not_delivered");
  assert.match(text, /^Error: lmcp: it cannot be claimed there: .* \| ssh: no host configured/);
  assert.equal(await lab.runs(), 0);
});

for (const key of ["", "k".repeat(201), "\ud800"]) {
  Deno.test(`the key ${JSON.stringify(key).slice(0, 20)} is refused`, async () => {
    await using lab = await openClaimsLab();
    const { text } = summary(
      {
        structuredContent: { outcome: "", via: null, fallback_reason: null },
        ...await lab.hub.call(
          "remote_shell",
          { host: lab.host.name, command: "true", key },
        ),
      },
    );
    assert.match(text, /key/);
    assert.equal(await lab.runs(), 0);
  });
}

sshTest(
  "a key is known over ssh what it was used for on the agent, and the other way round",
  async () => {
    await using target = await openSshdTarget();
    await using lab = await openClaimsLab({ ssh: target.ssh });
    await lab.shell("echo by the agent", { key: "a" });
    await lab.relay.setCut(true);
    const overSsh = await lab.shell("echo by the agent", { key: "a" });
    assert.equal(overSsh.text, `[via ssh fallback]\n[rc=0]\nby the agent\n${EARLIER}`);
    await lab.shell("echo over ssh; exit 3", { key: "b" });
    await lab.relay.setCut(false);
    const overLmcp = await lab.shell("echo over ssh; exit 3", { key: "b" });
    assert.deepEqual([overLmcp.via, overLmcp.text], ["lmcp", `[rc=3]\nover ssh\n${EARLIER}`]);
    assert.equal(await lab.runs(), 2);
  },
);

sshTest("a key works over ssh alone, and where the backend keeps no claims", async () => {
  await using target = await openSshdTarget();
  await using backend = await startBackend({ dialect: plainDialect });
  for (const lmcpUrl of [null, backend.url]) {
    const host = labHost({ name: `h${lmcpUrl?.length}`, lmcpUrl, sshHost: "target" });
    await using hub = openHub({ hosts: [host], ssh: { ...target.ssh, close: nothing } });
    const args = { host: host.name, command: "echo $RANDOM$RANDOM", key: "k" };
    const first = summary(await hub.call("remote_shell", args));
    const second = summary(await hub.call("remote_shell", args));
    assert.deepEqual([first.outcome, first.via], ["ok", "ssh"]);
    assert.equal(second.text, `${first.text}${EARLIER}`);
    const other = summary(await hub.call("remote_shell", { ...args, command: "true" }));
    assert.match(other.text, /ssh: this key was used for another call: take a new one/);
  }
  assert.equal(backend.requests.some(({ method }) => method === "tools/call"), false);
});

sshTest(
  "a key is refused while an agent cannot use its folder, which may know the key",
  async () => {
    await using target = await openSshdTarget();
    await using lab = await openClaimsLab({ ssh: target.ssh });
    await Deno.mkdir(`${lab.directory}/state`);
    await Deno.writeTextFile(lab.claims, "no folder");
    const { outcome, text } = await lab.shell("true", { key: "k" });
    assert.equal(outcome, "not_delivered");
    assert.match(
      text,
      /ssh: whether this key was used before is not known until the backend has said/,
    );
    assert.equal(await lab.runs(), 0);
    assert.equal((await lab.shell("true")).outcome, "ok");
  },
);

sshTest("callers with one key meet behind a claim that is fenced", async () => {
  await using target = await openSshdTarget();
  await using lab = await openClaimsLab({ ssh: target.ssh });
  await lab.hub.call("remote_list_dir", { host: lab.host.name, path: "/" });
  await makeOld(lab.claims);
  lab.strikeNext("lose request");
  const first = await lab.shell("echo $RANDOM", { key: "k" });
  const second = await lab.shell("echo $RANDOM", { key: "k" });
  assert.deepEqual([first.via, second.via], ["ssh", "lmcp"]);
  assert.equal(`[via ssh fallback]\n${second.text}`, `${first.text}${EARLIER}`);
  assert.equal(await lab.runs(), 1);
});

function nothing(): Promise<void> {
  return Promise.resolve();
}
