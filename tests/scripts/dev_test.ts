import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { callTool, untilListening } from "../e2e/client.ts";
import { freePort } from "../free_port.ts";
import { NATS_SERVER } from "../nats/server.ts";
import { findChildren, until } from "../processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How long the programs may take to start: in a fresh checkout nothing of them is compiled yet. */
const START_MS = 30_000;

/** A copy of the checkout, in which files can be edited. */
interface Checkout extends AsyncDisposable {
  readonly root: string;
  readonly hosts: string;
}

async function copyCheckout(): Promise<Checkout> {
  const root = await Deno.makeTempDir();
  const { success } = await new Deno.Command("cp", {
    args: ["-r", ...["main.ts", "deno.json", "deno.lock", "lib", "scripts"], root],
    cwd: ROOT,
  }).output();
  assert.ok(success);
  return {
    root,
    hosts: `${root}/hosts.toml`,
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** `deno task dev` as a process. */
interface Dev extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** What it and its programs have printed so far, on either stream. */
  readonly printed: () => string;
  /** Ends it as Ctrl-C does; its exit status. */
  readonly stop: () => Promise<number>;
}

function startDev(
  root: string,
  { port = String(freePort()), args = [] }: {
    readonly port?: string;
    readonly args?: readonly string[];
  } = {},
): Dev {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=dev", "scripts/dev.ts", ...args],
    cwd: root,
    env: { LMCP_PORT: port, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) printed += text;
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  let status: Promise<number> | null = null;
  const stop = async () => {
    child.kill("SIGINT");
    const { code } = await child.status;
    await reading;
    return code;
  };
  return {
    pid: child.pid,
    port: Number(port),
    printed: () => printed,
    stop: () => status ??= stop(),
    [Symbol.asyncDispose]: async () => void await (status ??= stop()),
  };
}

/** Waits until all programs listen, and it has said what to do next. */
async function untilReady({ printed }: Dev): Promise<void> {
  await until(() => printed().includes("Ctrl-C stops"), START_MS);
}

/** A tool's answer from the hub of a checkout. */
async function call({ root }: Checkout, { port }: Dev, tool: string, args = {}): Promise<string> {
  const token = (await Deno.readTextFile(`${root}/.dev/hub-token`)).trim();
  const headers = { authorization: `Bearer ${token}` };
  return (await callTool(`http://127.0.0.1:${port}/mcp`, { tool, args, headers })).text;
}

Deno.test("deno task dev ends where its port is in use, and says what to do", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (
    const [port, reason] of [
      [
        String(other.addr.port),
        `Cannot listen on 127.0.0.1 port ${other.addr.port}: the port is in use: ` +
        "choose another one with LMCP_PORT",
      ],
      ["x", 'LMCP_PORT: error: must be a number from 0 to 65535, not "x"'],
    ] as const
  ) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-P=dev", "scripts/dev.ts"],
      cwd: ROOT,
      env: { LMCP_PORT: port, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual(
      [code, decoder.decode(stdout), decoder.decode(stderr)],
      [2, "", `${reason}\n`],
    );
  }
});

Deno.test("deno task dev says at once what it does, and leaves only its tokens", async () => {
  await using checkout = await copyCheckout();
  await using dev = startDev(checkout.root);
  await until(() => dev.printed().includes("\n"));
  assert.match(
    dev.printed(),
    /^Starting an agent and a hub; the first start .* fetches packages\.\n/,
  );
  await untilReady(dev);
  assert.equal(await dev.stop(), 0);
  const left = await Array.fromAsync(Deno.readDir(checkout.root), ({ name }) => name);
  assert.deepEqual(left.filter((name) => name.startsWith(".")), [".dev"]);
});

Deno.test("deno task dev survives a mistake in hosts.toml, and names that file and its line", async () => {
  await using checkout = await copyCheckout();
  await Deno.writeTextFile(checkout.hosts, '[hosts.a]\nssh_hots = "a"\n');
  await using dev = startDev(checkout.root);
  const mistake = `${checkout.hosts}:2: error: hosts.a.ssh_hots: unknown field`;
  await until(() => dev.printed().includes(mistake), START_MS);
  await until(() => dev.printed().includes("starts again when the code or hosts.toml"));
  await Deno.writeTextFile(checkout.hosts, '[hosts.a]\nssh_host = "a"\n');
  await untilListening(dev.port);
  assert.doesNotMatch(dev.printed(), /\.dev-hosts/);
});

Deno.test("deno task dev applies hosts.toml without a restart, and keeps the hosts on a mistake", async () => {
  await using checkout = await copyCheckout();
  await using dev = startDev(checkout.root);
  await untilReady(dev);
  const before = await findChildren(dev.pid);
  assert.equal(before.length, 2);
  await Deno.writeTextFile(checkout.hosts, "[hosts.added]\n");
  const knows = (name: string) => async () =>
    (await call(checkout, dev, "remote_list_hosts")).includes(`${name} `);
  await until(knows("added"));
  await Deno.writeTextFile(checkout.hosts, "[hosts.added]\n[hosts.wrong\n");
  await until(() => dev.printed().includes(`${checkout.hosts}:2: error: invalid TOML`));
  assert.ok(await knows("added")());
  assert.deepEqual(await findChildren(dev.pid), before);
});

Deno.test("deno task dev starts both programs again when the code changes", async () => {
  await using checkout = await copyCheckout();
  await using dev = startDev(checkout.root);
  await untilReady(dev);
  const before = await findChildren(dev.pid);
  await Deno.writeTextFile(`${checkout.root}/main.ts`, "\n", { append: true });
  await until(async () => {
    const now = await findChildren(dev.pid);
    return now.length === 2 && now.every((pid) => !before.includes(pid));
  });
  await untilListening(dev.port);
});

/** The registries of the hubs that run in a checkout. */
async function readRegistries({ root }: Checkout): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(root), ({ name }) => name);
  const registries = names.filter((name) => name.startsWith(".dev-hosts")).toSorted();
  return await Promise.all(registries.map((name) => Deno.readTextFile(`${root}/${name}`)));
}

Deno.test("deno task dev runs twice in one checkout, on two ports", async () => {
  await using checkout = await copyCheckout();
  await using first = startDev(checkout.root);
  await untilReady(first);
  const runs = (dev: Dev) =>
    call(checkout, dev, "remote_shell", { host: "local", command: "id -u" });
  assert.match(await runs(first), /^\[rc=0\]/);
  const before = await readRegistries(checkout);
  assert.equal(before.length, 1);
  await using second = startDev(checkout.root);
  await untilReady(second);
  assert.match(await runs(second), /^\[rc=0\]/);
  assert.equal(await second.stop(), 0);
  assert.deepEqual(await readRegistries(checkout), before);
  assert.match(await runs(first), /^\[rc=0\]/);
});

Deno.test({
  name:
    "deno task dev --nats reaches the agent through NATS by two hubs, and leaves only its tokens",
  ignore: NATS_SERVER === null,
  fn: async () => {
    await using checkout = await copyCheckout();
    await using dev = startDev(checkout.root, { args: ["--nats"] });
    await untilReady(dev);
    assert.match(dev.printed(), /reached through NATS/);
    const other = Number(
      /Another hub serves http:\/\/127\.0\.0\.1:(\d+)\//.exec(dev.printed())?.[1],
    );
    for (const port of [dev.port, other]) {
      const listed = () => call(checkout, { ...dev, port }, "remote_list_hosts");
      await until(async () => /^local +UP +via=nats/m.test(await listed()));
      const shell = { host: "local", command: "id -u" };
      assert.match(await call(checkout, { ...dev, port }, "remote_shell", shell), /^\[rc=0\]/);
    }
    assert.equal(await dev.stop(), 0);
    const left = await Array.fromAsync(Deno.readDir(`${checkout.root}/.dev`), ({ name }) => name);
    assert.deepEqual(left.toSorted(), ["agent-token", "claims", "hub-token"]);
  },
});

Deno.test("deno task dev refuses options that it does not have", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=dev", "scripts/dev.ts", "--natz"],
    cwd: ROOT,
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [
    2,
    "Unknown option '--natz'\nUsage: deno task dev [--nats]\n",
  ]);
});
