import assert from "node:assert/strict";
import { MAX_CONTROL_DIRECTORY } from "../../../lib/fleet/ssh/control.ts";
import { type Forward, type ForwardFailure, NO_FORWARDS } from "../../../lib/fleet/ssh/forward.ts";
import { freePort } from "../../free_port.ts";
import { findChildren, findProcesses, until } from "../../processes.ts";
import { removeDirectory } from "../../remove_directory.ts";
import { startSshd } from "../../sshd.ts";
import { findMaster } from "./spare_target.ts";
import {
  holdCall,
  openGatedTarget,
  openSshdTarget,
  openSshTarget,
  sshHost,
  type SshTarget,
  sshTest,
} from "./target.ts";

const PATIENT = { withinMs: 20_000, signal: new AbortController().signal };

/** Whoever greets each connection with a word. */
function startGreeter(word: string): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode(word));
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "ctl-" });
  return { path, [Symbol.asyncDispose]: () => removeDirectory(path) };
}

function assertForward(opened: Forward | ForwardFailure): asserts opened is Forward {
  assert.ok(opened.kind === "forward", JSON.stringify(opened));
}

async function readFrom({ path }: Forward): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path });
  return await new Response(connection.readable).text();
}

async function openFrom(target: SshTarget, port: number): Promise<Forward> {
  const opened = await target.ssh.forwards.open(target.host, port, PATIENT);
  assertForward(opened);
  return opened;
}

sshTest("Forwards.open() makes one forwarding for all who ask at once", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget();
  const opened = await Promise.all(
    Array.from({ length: 8 }, () => openFrom(target, greeter.port)),
  );
  assert.equal(new Set(opened).size, 1);
  assert.equal(target.children.length, 2);
  assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
  assert.equal(target.children.length, 2);
});

sshTest("Forwards.open() uses the connection of calls, and takes no place of theirs", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget();
  const calls = await Promise.all(
    Array.from({ length: 8 }, () => holdCall(target, "echo done")),
  );
  assert.equal(target.ssh.load().running, 8);
  assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
  assert.equal(target.ssh.load().running, 8);
  assert.equal((await findProcesses(`ssh: ${target.control}/`)).length, 1);
  await Promise.all(calls.map(({ letGo }) => letGo()));
  for (const { ended } of calls) assert.equal((await ended).stdout, "done\n");
});

sshTest("a forwarded connection is no session", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget({ serverConfig: ["MaxSessions 1"] });
  const forward = await openFrom(target, greeter.port);
  const call = await holdCall(target, "echo done");
  const words = await Promise.all(Array.from({ length: 16 }, () => readFrom(forward)));
  assert.deepEqual(new Set(words), new Set(["hello"]));
  await call.letGo();
  assert.equal((await call.ended).stdout, "done\n");
});

sshTest(
  "the socket of a forwarded port is for this user alone, whatever a config says",
  async () => {
    const clientConfig = ["StreamLocalBindMask 0000", "StreamLocalBindUnlink no"];
    await using target = await openSshdTarget({ clientConfig });
    const { path } = await openFrom(target, freePort());
    assert.equal(((await Deno.lstat(path)).mode ?? 0) & 0o777, 0o600);
    const folder = path.replace(/\/[^/]*$/, "");
    assert.equal(((await Deno.lstat(folder)).mode ?? 0) & 0o777, 0o700);
  },
);

sshTest("Forwards.open() asks for no forwarding of the user's config", async () => {
  const theirs = freePort();
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget({
    clientConfig: [`LocalForward 127.0.0.1:${theirs} 127.0.0.1:${greeter.port}`],
  });
  assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
  await assert.rejects(Deno.connect({ port: theirs }), Deno.errors.ConnectionRefused);
});

sshTest(
  "Forwards.open() works in a control directory with the longest path, and a colon",
  async () => {
    await using greeter = startGreeter("hello");
    await using sshd = await startSshd();
    await using above = await temporaryDirectory();
    const control = `${above.path}/a:b`.padEnd(MAX_CONTROL_DIRECTORY, "x");
    await using target = await openSshTarget({ configFile: sshd.sshConfig, control });
    assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
  },
);

sshTest("Forwards.open() makes a socket again that was removed", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget();
  const forward = await openFrom(target, greeter.port);
  await Deno.remove(forward.path);
  target.ssh.forwards.drop(forward);
  assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
});

sshTest("a master whose port is forwarded counts as gone when it has left", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openSshdTarget();
  const forward = await openFrom(target, greeter.port);
  const master = await findMaster(target);
  Deno.kill(master, "SIGTERM");
  await until(async () => !(await findProcesses("ssh: ")).includes(master));
  await assert.rejects(readFrom(forward));
  target.ssh.forwards.drop(forward);
  assert.equal(await readFrom(await openFrom(target, greeter.port)), "hello");
  assert.equal((await target.run("echo done")).stdout, "done\n");
  assert.equal((await findProcesses(`ssh: ${target.control}/`)).length, 1);
});

sshTest(
  "Forwards.open() leaves a connection whose destination leads elsewhere by now",
  async () => {
    await using here = await startSshd();
    await using there = await startSshd();
    await using greeter = startGreeter("hello");
    await using target = await openSshTarget({ configFile: here.sshConfig });
    const before = await openFrom(target, greeter.port);
    await Deno.writeTextFile(here.sshConfig, await Deno.readTextFile(there.sshConfig));
    const after = await openFrom(target, greeter.port);
    assert.notEqual(after, before);
    assert.equal(await readFrom(after), "hello");
    // Through the older connection it would end.
    for (const pid of await findChildren(here.pid)) Deno.kill(pid, "SIGKILL");
    await here.stop();
    assert.equal(await readFrom(after), "hello");
    const { stdout } = await target.run('echo "$SSH_CONNECTION"');
    assert.match(stdout, new RegExp(` ${there.port}$`, "m"));
  },
);

sshTest(
  "two hubs of one user forward the same port, and one that stops leaves the other's",
  async () => {
    await using greeter = startGreeter("hello");
    await using sshd = await startSshd();
    await using above = await temporaryDirectory();
    const control = `${above.path}/ctl`;
    await using one = await openSshTarget({ configFile: sshd.sshConfig, control });
    await using other = await openSshTarget({ configFile: sshd.sshConfig, control });
    const [first, second] = [
      await openFrom(one, greeter.port),
      await openFrom(other, greeter.port),
    ];
    assert.notEqual(first.path, second.path);
    await one.ssh.close();
    await assert.rejects(readFrom(first));
    assert.equal(await readFrom(second), "hello");
  },
);

sshTest("Ssh.close() leaves neither a process nor a socket of a forwarded port", async () => {
  await using target = await openSshdTarget();
  const { path } = await openFrom(target, freePort());
  await target.ssh.close();
  await until(async () => (await findProcesses(target.control)).length === 0);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(target.control)), []);
});

sshTest(
  "connections to dead hosts, whose ports are to be forwarded, delay no call to another",
  async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const clientConfig = ["Host silent*", "HostName 127.0.0.1", `Port ${silent.addr.port}`];
    await using target = await openSshdTarget({ clientConfig });
    const openings = Array.from(
      { length: 70 },
      (_, index) => target.ssh.forwards.open(sshHost({ sshHost: `silent${index}` }), 1, PATIENT),
    );
    await until(() => target.children.length === 64);
    const startedAt = performance.now();
    assert.equal((await target.run("echo done")).stdout, "done\n");
    assert.ok(performance.now() - startedAt < 5_000);
    await target.ssh.close();
    assert.deepEqual(
      new Set((await Promise.all(openings)).map(({ kind }) => kind)),
      new Set(["failed"]),
    );
  },
);

sshTest("Ssh.close() does not wait for a connection that is being made", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `Host target\nHostName 127.0.0.1\nPort ${silent.addr.port}\n`);
  await using target = await openSshTarget({ configFile: config });
  const opening = target.ssh.forwards.open(target.host, 1, PATIENT);
  await until(() => target.children.length > 0);
  const startedAt = performance.now();
  await target.ssh.close();
  assert.equal((await opening).kind, "failed");
  assert.ok(performance.now() - startedAt < target.host.timeouts.sshMs / 2);
  await Deno.remove(config);
});

sshTest("Forwards.open() ends the wait of who gives up, and not that of others", async () => {
  await using greeter = startGreeter("hello");
  await using target = await openGatedTarget();
  const caller = new AbortController();
  const { forwards } = target.ssh;
  const cancelled = forwards.open(target.host, greeter.port, { ...PATIENT, signal: caller.signal });
  const short = forwards.open(target.host, greeter.port, { ...PATIENT, withinMs: 100 });
  const other = forwards.open(target.host, greeter.port, PATIENT);
  await until(() => target.children.length > 0);
  caller.abort();
  assert.deepEqual(await cancelled, { kind: "failed", why: "cancelled", reason: "cancelled" });
  assert.deepEqual(await short, { kind: "failed", why: "timeout", reason: "timeout" });
  await target.letIn();
  assertForward(await other);
});

sshTest("Forwards.open() says why ssh does not connect", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, `Host target\nHostName 127.0.0.1\nPort ${freePort()}\n`);
  await using target = await openSshTarget({ configFile: config });
  const opened = await target.ssh.forwards.open(target.host, 1, PATIENT);
  assert.ok(opened.kind === "failed" && opened.why === "refused");
  assert.match(opened.reason, /^ssh connect failed: .*Connection refused/);
  await Deno.remove(config);
});

sshTest("Forwards.open() says so where the control directory cannot be used any more", async () => {
  await using target = await openSshdTarget({ warn: () => {} });
  await Deno.chmod(target.control, 0o755);
  const opened = await target.ssh.forwards.open(target.host, 1, PATIENT);
  assert.deepEqual(opened, {
    kind: "failed",
    why: "refused",
    reason: "the ssh connection is not kept",
  });
  await Deno.chmod(target.control, 0o700);
});

Deno.test("without a control directory no port is forwarded, and the reason names the variable", async () => {
  const opened = await NO_FORWARDS.open(sshHost(), 1, PATIENT);
  assert.ok(opened.kind === "failed");
  assert.match(opened.reason, /: set LMCP_HUB_CONTROL_DIR$/);
});
