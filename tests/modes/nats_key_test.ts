import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { publicKeyOf } from "../../lib/nats/user_key.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Runs the program in a directory of its own. */
async function run(
  args: readonly string[],
  { directory, role, name }: {
    readonly directory: string;
    readonly role: "hub" | "agent";
    readonly name?: string;
  },
) {
  const permissions = role === "agent" ? ["-P=agent"] : ["-P=hub", "--no-prompt"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, MAIN, ...args],
    cwd: directory,
    env: { NO_COLOR: "1", LMCP_NATS_NAME: name ?? "" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function makeDirectory() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("--nats-key makes a key once, which its output does not have, and prints the entry", async () => {
  await using directory = await makeDirectory();
  const agent = { directory: directory.path, role: "agent", name: "web.1" } as const;
  const first = await run(["--agent", "--nats-key", "key"], agent);
  assert.equal(first.code, 0, first.stderr);
  const seed = (await Deno.readTextFile(`${directory.path}/key`)).trim();
  assert.match(seed, /^SU/);
  assert.ok(!`${first.stdout}${first.stderr}`.includes(seed));
  assert.equal(
    first.stdout,
    `{
  nkey: "${publicKeyOf(seed)}"
  permissions: {
    publish: ["lmcp.presence.web=2e1"]
    subscribe: ["lmcp.host.web=2e1 agents", "lmcp.host.web=2e1.>", "lmcp.who"]
    allow_responses: true
  }
}
`,
  );
  assert.equal(((await Deno.stat(`${directory.path}/key`)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(await run(["--agent", "--nats-key", "key"], agent), first);
  const hub = await run(["--nats-key", "key"], { directory: directory.path, role: "hub" });
  assert.match(hub.stdout, /publish: \["lmcp\.>", "\$JS\.>", "\$KV\.>"\]/);
  assert.equal((await Deno.readTextFile(`${directory.path}/key`)).trim(), seed);
});

Deno.test("--nats-key says what is wrong, and touches no other file", async () => {
  await using directory = await makeDirectory();
  const agent = { directory: directory.path, role: "agent", name: "web1" } as const;
  await Deno.writeTextFile(`${directory.path}/other`, "mine\n");
  const cases = [
    [
      await run(["--agent", "--nats-key", "key"], { ...agent, name: "" }),
      "lmcp-agent: set LMCP_NATS_NAME to the name that the hub's registry has for this host\n",
    ],
    [
      await run(["--agent", "--nats-key", "other"], agent),
      'lmcp-agent: "other" does not hold the seed of a user\'s key, and is left as it is\n',
    ],
    [
      await run(["--agent", "--nats-key", "nowhere/key"], agent),
      'lmcp-agent: cannot write "nowhere/key": no such file\n',
    ],
    [
      await run(["--nats-key", "key"], { ...agent, role: "hub" }),
      'lmcp-hub: cannot write "key": the program itself may not write there, only below ' +
      "/var/lib/lmcp-hub\n",
    ],
    [
      await run(["--agent", "--nats-key", "key", "--port", "1"], agent),
      'lmcp-agent: "--port" does not go with "--nats-key" (see --help)\n',
    ],
  ] as const;
  for (const [{ code, stdout, stderr }, message] of cases) {
    assert.deepEqual([code, stdout, stderr], [2, "", message]);
  }
  assert.equal(await Deno.readTextFile(`${directory.path}/other`), "mine\n");
  const names = await Array.fromAsync(Deno.readDir(directory.path), ({ name }) => name);
  assert.deepEqual(names, ["other"]);
});
