import assert from "node:assert/strict";
import { askHub } from "../../lib/approvals/socket/ask.ts";
import { serveApprovals } from "../../lib/approvals/socket/serve.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { runProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { untilListening } from "../e2e/client.ts";
import { until } from "../processes.ts";

const REGISTRY = `
[hosts.one]
ssh_host = "one.invalid"
[[confirm]]
hosts = ["one"]
`;
const NOTHING = {
  waiting: () => Promise.resolve([]),
  decide: () => Promise.resolve({ kind: "unknown" } as const),
};
const FOREIGN_USER = 12_345;

/** A directory in which hubs are started, whose sockets are in `control`. */
async function openDirectory(registry = REGISTRY) {
  await using stack = new AsyncDisposableStack();
  const file = stack.use(await temporaryFile("hosts.toml", registry));
  const directory = file.path.slice(0, file.path.lastIndexOf("/"));
  const control = `${directory}/c`;
  const options = { writes: directory, env: { LMCP_HUB_CONTROL_DIR: control } };
  const owned = stack.move();
  return {
    registry: file.path,
    control,
    socket: `${control}/approvals.sock`,
    start: () => startProgram({ ...options, args: ["--registry", file.path] }),
    list: () => runProgram({ ...options, args: ["--approvals"] }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("a hub that asks nobody serves no socket, and one that does after a reload serves it", async () => {
  await using place = await openDirectory('[hosts.one]\nssh_host = "one.invalid"\n');
  await using hub = place.start();
  await untilListening(hub.port);
  const { code, stderr } = await place.list();
  assert.equal(code, 2);
  assert.match(
    stderr,
    /No hub serves approvals in .*\/c: it does not run, its registry has no/,
  );
  await Deno.writeTextFile(place.registry, REGISTRY);
  hub.kill("SIGHUP");
  await until(
    async () => (await askHub(place.socket, { do: "list" }, systemClock)).kind === "answer",
    10_000,
  );
  const { mode, uid } = await Deno.lstat(place.socket);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.equal(uid, Deno.uid());
  assert.deepEqual(await place.list(), {
    code: 0,
    stderr: "",
    stdout: "no call waits for approval\n",
  });
  hub.kill("SIGTERM");
  await hub.ended;
  await assert.rejects(Deno.lstat(place.socket), Deno.errors.NotFound);
});

Deno.test("a hub replaces the socket of one that was killed, and not that of one that runs", async () => {
  await using place = await openDirectory();
  {
    await using killed = place.start();
    await untilListening(killed.port);
  }
  const stale = await place.list();
  assert.deepEqual([stale.code, stale.stdout], [2, ""]);
  assert.match(
    stale.stderr,
    /Cannot use ".*": the hub that has made it does not run any more; for one that does, set its LMCP_HUB_CONTROL_DIR/,
  );
  await using first = place.start();
  await untilListening(first.port);
  assert.equal((await place.list()).code, 0);
  {
    await using second = place.start();
    await untilListening(second.port);
    await until(() => second.said().includes("another hub does"));
    assert.match(second.said(), /approvals cannot be answered with --approve/);
    second.kill("SIGTERM");
    await second.ended;
  }
  assert.equal((await place.list()).code, 0);
});

Deno.test("what is in the place of the socket, and is none, stays", async () => {
  await using place = await openDirectory();
  await Deno.mkdir(place.control, { mode: 0o700 });
  await Deno.writeTextFile(place.socket, "mine");
  await using hub = place.start();
  await until(() => hub.said().includes("it is no socket"));
  assert.equal(await Deno.readTextFile(place.socket), "mine");
});

Deno.test({
  name: "a directory that others may enter has no socket, and another user's is not used",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using place = await openDirectory();
    await Deno.mkdir(place.control, { mode: 0o755 });
    await using hub = place.start();
    await until(() => hub.said().includes("others may enter it"));
    await assert.rejects(Deno.lstat(place.socket), Deno.errors.NotFound);
    await Deno.chmod(place.control, 0o700);
    await Deno.chown(place.control, FOREIGN_USER, FOREIGN_USER);
    await using other = place.start();
    await until(() => other.said().includes("it belongs to another user"));
  },
});

Deno.test("a client of the socket that says nothing, too much or nonsense gets no answer", async () => {
  await using place = await openDirectory();
  await Deno.mkdir(place.control, { mode: 0o700 });
  const served = await serveApprovals({ path: place.socket, gate: NOTHING, clock: systemClock });
  for (const text of ["", "nonsense\n", '{"do":"quit"}\n', "x".repeat(5_000)]) {
    const connection = await Deno.connect({ transport: "unix", path: place.socket });
    await connection.write(new TextEncoder().encode(text)).catch(() => {});
    await connection.closeWrite().catch(() => {});
    assert.equal(await connection.read(new Uint8Array(1)).catch(() => null), null);
    connection.close();
  }
  assert.equal((await askHub(place.socket, { do: "list" }, systemClock)).kind, "answer");
  const silent = await Deno.connect({ transport: "unix", path: place.socket });
  await served.close();
  assert.equal(await silent.read(new Uint8Array(1)).catch(() => null), null);
  silent.close();
});
