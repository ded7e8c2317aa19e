import assert from "node:assert/strict";
import { at } from "../mcp/wire.ts";
import { SSHD, startSshd } from "../sshd.ts";
import { callTool } from "./exchange.ts";
import { finish, programCommand, type ProgramOptions, serve } from "./program.ts";

const hub = (args: string, options: ProgramOptions) =>
  programCommand("hub", args.split(" "), options);
const agent = (args: string, options: ProgramOptions) =>
  programCommand("agent", args.split(" "), options);

/** An empty directory that is home, working and temporary directory of a binary. */
async function emptyDirectory(): Promise<AsyncDisposable & { readonly cwd: string }> {
  const cwd = await Deno.makeTempDir();
  return { cwd, [Symbol.asyncDispose]: () => Deno.remove(cwd, { recursive: true }) };
}

async function writeRegistry(cwd: string, lmcpUrl: string): Promise<string> {
  const path = `${cwd}/hosts.toml`;
  await Deno.writeTextFile(path, `[hosts.here]\nlmcp_url = "${lmcpUrl}"\n`);
  return path;
}

Deno.test("the binaries print their version and help", async () => {
  await using place = await emptyDirectory();
  for (const [name, binary] of [["lmcp-hub", hub], ["lmcp-agent", agent]] as const) {
    const version = await finish(binary("--version", place));
    assert.deepEqual([version.code, version.stderr], [0, ""]);
    assert.match(version.stdout, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\n$`));
    const help = await finish(binary("--help", place));
    assert.match(help.stdout, new RegExp(`^${name}: .*\n\nUsage:\n  ${name} \\[PORT\\] `));
    const wrong = await finish(binary("--prot 1", place));
    assert.match(
      wrong.stderr,
      new RegExp(`^${name}: unknown flag "--prot"; .* \\(see --help\\)\n$`),
    );
  }
});

Deno.test("a binary refuses the modes of the other one, and names it", async () => {
  await using place = await emptyDirectory();
  const wrong = await finish(hub("--agent --port 0", place));
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(wrong.stderr, /^lmcp-hub: "--agent" needs the binary lmcp-agent: .*\n$/);
  for (const mode of ["--probe", "--check", "--stdio"]) {
    const { code, stdout, stderr } = await finish(agent(mode, place));
    assert.deepEqual([code, stdout], [2, ""], mode);
    assert.match(stderr, /needs the binary lmcp-hub: .*\n$/, mode);
  }
});

Deno.test("the agent's binary needs no mode to serve its machine", async () => {
  await using place = await emptyDirectory();
  await using served = await serve(agent("--port 0", place));
  const { stderr } = await served.stop();
  assert.match(stderr, /lmcp-agent is listening/);
});

Deno.test("the hub's binary checks its configuration", async () => {
  await using place = await emptyDirectory();
  const registry = await writeRegistry(place.cwd, "http://127.0.0.1:1/mcp");
  assert.deepEqual(await finish(hub(`--check --registry ${registry}`, place)), {
    code: 0,
    stdout: `${registry}: 1 host, 0 errors, 0 warnings\n`,
    stderr: "",
  });
  await writeRegistry(place.cwd, "ftp://127.0.0.1/");
  assert.equal((await finish(hub(`--check --registry ${registry}`, place))).code, 2);
});

Deno.test("the hub's binary serves stdio", async () => {
  await using place = await emptyDirectory();
  const message = { jsonrpc: "2.0", id: 1, method: "ping" };
  const { code, stdout } = await finish(hub("--stdio", place), `${JSON.stringify(message)}\n`);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { jsonrpc: "2.0", id: 1, result: {} });
});

Deno.test("the hub's binary reaches the agent's, and probes it", async () => {
  await using place = await emptyDirectory();
  await using backend = await serve(agent("--agent --port 0", place));
  const registry = await writeRegistry(place.cwd, backend.url);
  await using front = await serve(hub(`--port 0 --registry ${registry}`, place));

  const ran = await callTool(`${front.url}?results=structured`, "remote_shell", {
    host: "here",
    command: "echo $((6*7))",
  });
  assert.equal(at(ran, "result", "content", 0, "text"), "[rc=0]\n42\n");
  assert.equal(at(ran, "result", "structuredContent", "via"), "lmcp");

  const up = await finish(hub(`--probe --registry ${registry}`, place));
  assert.deepEqual([up.code, up.stderr], [0, ""]);
  assert.equal((await backend.stop()).code, 0);
  const down = await finish(hub(`--probe --registry ${registry}`, place));
  assert.deepEqual([down.code, down.stderr], [1, ""]);
  assert.match(down.stdout, /^here .*connection refused/);
});

const SSH_TEST = "the hub's binary reaches a host over ssh, with the ssh it was started with";
Deno.test({
  name: SSHD === null ? `${SSH_TEST} (ignored: sshd is not installed)` : SSH_TEST,
  ignore: SSHD === null,
  fn: async () => {
    await using place = await emptyDirectory();
    await using sshd = await startSshd();
    const registry = `${place.cwd}/hosts.toml`;
    await Deno.writeTextFile(registry, `[hosts.here]\nssh_host = "target"\n`);
    const env = { LMCP_HUB_SSH_CONFIG: sshd.sshConfig };
    await using front = await serve(hub(`--port 0 --registry ${registry}`, { ...place, env }));
    const ran = await callTool(front.url, "remote_shell", {
      host: "here",
      command: "echo $((6*7))",
    });
    const text = at(ran, "result", "content", 0, "text");
    assert.equal(text, "[via ssh fallback]\n[rc=0]\n42\n");
  },
});

for (const limit of ["none", "LMCP_ROOT", "LMCP_DENY_PATHS"]) {
  Deno.test(`the agent's binary serves all its tools, with limits of its files: ${limit}`, async () => {
    await using place = await emptyDirectory();
    const limits = limit === "none" ? {} : { [limit]: limit === "LMCP_ROOT" ? place.cwd : "/none" };
    await using state = await emptyDirectory();
    const env = { LMCP_STATE_DIR: state.cwd, ...limits };
    await using backend = await serve(agent("--agent --port 0", { ...place, env }));
    const path = `${place.cwd}/file`;
    const answers: unknown[] = [];
    for (
      const [name, args] of [
        ["write_file", { path, content: "one" }],
        ["edit_file", { path, old_string: "one", new_string: "two" }],
        ["read_file", { path }],
        ["list_dir", { path: place.cwd }],
        ["search_files", { path: place.cwd, pattern: "fi*" }],
        ["shell", { command: `cat ${path}` }],
        ["shell_bg", { command: "true" }],
      ] as const
    ) {
      const answer = await callTool(backend.url, name, args);
      const text = at(answer, "result", "content", 0, "text");
      assert.notEqual(at(answer, "result", "isError"), true, `${name}: ${text}`);
      answers.push(text);
    }
    assert.deepEqual(answers.slice(2, 6), ["two", "file\n", `${path}\n`, "[rc=0]\ntwo"]);
  });
}

Deno.test("the agent's binary starts as after a login, whatever its service has set", async () => {
  await using place = await emptyDirectory();
  const cache = { DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` };
  for (
    const given of [
      // Deno 2.6 does not start at all where `PATH` is not set.
      { unset: ["HOME"], env: { ...cache, PATH: "" } },
      { unset: [], env: { ...cache, HOME: place.cwd, USER: "strange", SHELL: "/strange" } },
    ]
  ) {
    await using backend = await serve(agent("--agent --port 0", { ...place, ...given }));
    const command = 'echo "$PWD $HOME $USER $LOGNAME"; [ ~ = "$PWD" ]; ls / >/dev/null';
    const answer = await callTool(backend.url, "shell", { command });
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", "unset HOME; echo ~ ~ $(id -un) $(id -un)"],
    }).output();
    const login = new TextDecoder().decode(stdout);
    assert.equal(at(answer, "result", "content", 0, "text"), `[rc=0]\n${login}`);
    assert.doesNotMatch((await backend.stop()).stderr, /warn/i);
  }
});

Deno.test("a binary leaves no files behind", async () => {
  await using place = await emptyDirectory();
  await using served = await serve(hub("--port 0", place));
  await callTool(served.url, "remote_list_hosts", {});
  const { code, stdout } = await served.stop();
  assert.deepEqual([code, stdout], [0, ""]);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(place.cwd)), []);
});
