import assert from "node:assert/strict";
import { freePort } from "../../free_port.ts";
import { labHost } from "../../lab/host.ts";
import { at } from "../../mcp/wire.ts";
import { openRunLab } from "./lab.ts";

function deadHost(name: string) {
  return labHost({ name, lmcpUrl: `http://127.0.0.1:${freePort()}/mcp`, sshHost: null });
}

Deno.test("remote_run runs a command on all hosts, and shows the same results once", async () => {
  await using lab = await openRunLab(4, { others: [deadHost("db1")] });
  await Deno.writeTextFile(`${lab.homeOf("web3")}/broken`, "");
  const command = "if [ -e broken ]; then echo gone >&2; exit 4; fi; echo fine";
  const progress: string[] = [];
  const answer = await lab.run({ targets: "@all", command }, {
    onProgress: (line) => progress.push(line),
  });
  assert.deepEqual(answer.lines, [
    "5 hosts: 3 exit 0, 1 exit 4, 1 not run",
    "== db1: NOT RUN: lmcp: connect: connection refused | ssh: no host configured",
    "== web3: exit 4",
    "stderr: gone",
    "== web[1-2,4] (3): exit 0",
    "fine",
    "again safely: db1",
  ]);
  assert.equal(answer.isError, false);
  assert.deepEqual(at(answer.structured, "counts"), {
    hosts: 5,
    succeeded: 3,
    failed: 1,
    not_delivered: 1,
    unknown: 0,
    skipped: 0,
  });
  assert.deepEqual(at(answer.structured, "again"), ["db1"]);
  assert.equal(progress.length, 5);
  assert.equal(progress.at(-1), "5 of 5, 2 failed");
});

Deno.test("remote_run passes cwd and timeout on, and says which commands the timeout ended", async () => {
  await using lab = await openRunLab(2);
  const inRoot = await lab.run({ targets: "web*", command: "pwd", cwd: "/" });
  assert.deepEqual(inRoot.lines, ["2 hosts: 2 exit 0", "== web[1-2] (2): exit 0", "/"]);
  await Deno.writeTextFile(`${lab.homeOf("web2")}/slow`, "");
  const late = await lab.run({
    targets: "web*",
    command: "echo begun; [ ! -e slow ] || sleep 60",
    timeout: 3,
  });
  assert.match(late.text, /== web2: exit \d+, ended by its timeout\nbegun\n/);
  assert.deepEqual(at(late.structured, "counts", "failed"), 1);
});

Deno.test("remote_run runs no more commands at once than it may", async () => {
  await using lab = await openRunLab(12);
  // None ends before there were as many as may be.
  const many = `[ "$(grep -c in ${lab.journal})" -ge 3 ]`;
  const command = `echo in >>${lab.journal}; until ${many}; do sleep 0.02; done; ` +
    `sleep 0.2; echo out >>${lab.journal}`;
  await lab.run({ targets: "@all", command, parallel: 3 });
  let [now, most] = [0, 0];
  for (const entry of await lab.entries()) {
    now += entry === "in" ? 1 : -1;
    most = Math.max(most, now);
  }
  assert.equal((await lab.entries()).length, 24);
  assert.equal(most, 3);
});

Deno.test("remote_run refuses other hosts than were expected, and names them", async () => {
  await using lab = await openRunLab(3);
  const command = `echo ran >>${lab.journal}`;
  const refused = await lab.run({ targets: "web*", command, expect: 2 });
  assert.deepEqual([refused.isError, refused.text], [
    true,
    "Error: `targets` is 3 hosts, not 2: web[1-3]",
  ]);
  assert.deepEqual([await lab.entries(), refused.record.deliveries], [[], []]);
  assert.equal((await lab.run({ targets: "web*", command, expect: 3 })).isError, false);
  assert.equal((await lab.entries()).length, 3);
});

for (
  const [args, reason] of [
    [{ targets: "web9" }, 'unknown host "web9"'],
    [{ targets: "" }, "targets are empty"],
    [{ batch: "0" }, "bad `batch` parameter"],
    [{ batch: "1,,2" }, "bad `batch` parameter"],
    [{ max_fail: 1 }, "`max_fail` counts between batches"],
    [{ parallel: 0 }, "bad `parallel` parameter"],
    [{ parallel: 1_000 }, "bad `parallel` parameter"],
    [{ key: "" }, "bad `key` parameter"],
    [{ command: "a\0b" }, "bad `command` parameter"],
    [{ hosts: ["web1"] }, "unknown `hosts` parameter"],
  ] as const
) {
  Deno.test(`remote_run refuses ${JSON.stringify(args)}`, async () => {
    await using lab = await openRunLab(1);
    const command = `echo ran >>${lab.journal}`;
    const { text, isError } = await lab.run({ ...{ targets: "web1", command }, ...args });
    assert.equal(isError, true);
    assert.ok(text.startsWith(`Error: ${reason}`), text);
    assert.deepEqual(await lab.entries(), []);
  });
}

Deno.test("remote_run with dry_run runs nothing, and says which hosts, which way and in which order", async () => {
  await using lab = await openRunLab(4, { others: [deadHost("db1")] });
  const { text, structured, record } = await lab.run({
    targets: "@all",
    command: `echo ran >>${lab.journal}`,
    batch: "1,50%",
    dry_run: true,
  });
  assert.deepEqual(text.split("\n"), [
    "dry run, nothing was run: 5 hosts",
    "3 batches: db1, then web[1-2] (2), then web[3-4] (2)",
    "db1: down, it would be tried: lmcp: connect: connection refused",
    "web[1-4] (4): over lmcp",
  ]);
  assert.deepEqual(at(structured, "plan", 4), {
    host: "web4",
    batch: 3,
    up: true,
    via: "lmcp",
    error: null,
    refusal: null,
  });
  assert.deepEqual([await lab.entries(), record.deliveries, record.hosts], [[], [], null]);
});

Deno.test("remote_run writes once that it begins, with all hosts, before any of them is asked", async () => {
  const begun: unknown[] = [];
  const refusing = await openRunLab(2, {
    beforeSend: ({ hosts, deliveries }, { readOnly }) => {
      begun.push([hosts, deliveries.length, readOnly]);
      return Promise.resolve(begun.length === 1 ? "the disk is full" : null);
    },
  });
  await using lab = refusing;
  const args = { targets: "@all", command: `echo ran >>${lab.journal}` };
  const refused = await lab.run(args);
  assert.deepEqual([refused.isError, refused.text], [true, "Error: the disk is full"]);
  assert.deepEqual(await lab.entries(), []);
  const { record } = await lab.run(args);
  assert.deepEqual(begun, [[["web1", "web2"], 0, false], [["web1", "web2"], 0, false]]);
  assert.deepEqual(
    record.deliveries.map(({ host, outcome, via }) => [host, outcome, via]).toSorted(),
    [["web1", "ok", "lmcp"], ["web2", "ok", "lmcp"]],
  );
});

Deno.test("remote_run with the key of an earlier run runs on no host again", async () => {
  await using lab = await openRunLab(3);
  const command = `echo ran >>${lab.journal}; echo done $RANDOM`;
  const first = await lab.run({ targets: "web[1-2]", command, key: "deploy 7" });
  const second = await lab.run({ targets: "web[1-3]", command, key: "deploy 7" });
  assert.equal((await lab.entries()).length, 3);
  const outputs = (answer: typeof first) =>
    new Map(
      answer.text.matchAll(/== (web\d): exit 0.*\n[-+]?(done \d+)/g)
        .map(([, name = "", output = ""]) => [name, output]),
    );
  assert.equal(outputs(first).size, 2);
  for (const [name, output] of outputs(first)) assert.ok(second.text.includes(output), name);
  assert.equal(second.lines.at(-1), "not run again, earlier answers: web[1-2]");
  assert.deepEqual(at(second.structured, "earlier"), ["web1", "web2"]);
  const other = await lab.run({ targets: "web1", command: "true", key: "deploy 7" });
  assert.match(other.text, /== web1: (FAILED|NOT RUN): .*key/);
});
