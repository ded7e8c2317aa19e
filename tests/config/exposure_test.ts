import assert from "node:assert/strict";
import { formatProblem, hasError } from "../../lib/base/problem.ts";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration } from "../../lib/config/load.ts";
import { loadAgentSettings } from "../../lib/config/settings.ts";
import { fakeSources } from "./fake_sources.ts";

type Env = Readonly<Record<string, string>>;

/** What is wrong with a hub that is started like this; it knows a client if `client` is set. */
async function hubProblems(
  env: Env,
  { args = [], client = false }: { args?: readonly string[]; client?: boolean } = {},
): Promise<string[]> {
  const clients = client ? '[clients.ann]\ntoken = "a-token-that-is-long-enough"\n' : "";
  const files = { "/r.toml": `[hosts.a]\nssh_host = "a"\n${clients}` };
  const sources = fakeSources({ env: { LMCP_HUB_BACKENDS: "/r.toml", ...env }, files });
  const command = parseCommand(args);
  assert.ok(command.mode === "serve" || command.mode === "stdio");
  const { problems } = await loadConfiguration(command.mode, command.flags, sources);
  return problems.filter((problem) => hasError([problem])).map(formatProblem);
}

/** The same of an agent, which runs as a user. */
async function agentProblems(env: Env, uid: number, args: readonly string[] = []) {
  const command = parseCommand(["--agent", ...args]);
  assert.ok(command.mode === "agent");
  const inputs = { ...fakeSources({ env, uid }), flags: command.flags };
  return (await loadAgentSettings(inputs)).problems.map(formatProblem);
}

const TOKEN = { LMCP_TOKEN: "a-token-that-is-long-enough" };
const PROXIED = { LMCP_ALLOWED_HOSTS: "hub.example.org" };
const MEANT = { LMCP_WITHOUT_TOKEN: "1" };
const OPEN_PROXY = "LMCP_ALLOWED_HOSTS: error: is for a program behind a proxy, and without an " +
  "inbound token this one serves whoever reaches the proxy: set LMCP_TOKEN_FILE, or " +
  "LMCP_WITHOUT_TOKEN=1 if that is meant";
const OPEN_ROOT = "inbound token: error: there is none, and this runs as root, so every user of " +
  "this machine is root: set LMCP_TOKEN_FILE, or LMCP_WITHOUT_TOKEN=1 if that is meant";

Deno.test("a hub behind a proxy needs a token, or clients that have one, unless LMCP_WITHOUT_TOKEN says that none is meant", async () => {
  assert.deepEqual(await hubProblems(PROXIED), [OPEN_PROXY]);
  assert.deepEqual(await hubProblems({ ...PROXIED, LMCP_WITHOUT_TOKEN: "0" }), [OPEN_PROXY]);
  assert.deepEqual(await hubProblems({ ...PROXIED, ...TOKEN }), []);
  assert.deepEqual(await hubProblems(PROXIED, { client: true }), []);
  assert.deepEqual(await hubProblems({ ...PROXIED, ...MEANT }), []);
  assert.deepEqual(await hubProblems(PROXIED, { args: ["--stdio"] }), []);
  assert.deepEqual(await hubProblems({}), []);
});

Deno.test("an agent behind a proxy needs a token, unless LMCP_WITHOUT_TOKEN says that none is meant", async () => {
  assert.deepEqual(await agentProblems(PROXIED, 1_000), [OPEN_PROXY]);
  assert.deepEqual(await agentProblems({ ...PROXIED, ...TOKEN }, 1_000), []);
  assert.deepEqual(await agentProblems({ ...PROXIED, ...MEANT }, 1_000), []);
});

Deno.test("an agent that runs as root needs a token, unless LMCP_WITHOUT_TOKEN says that none is meant", async () => {
  assert.deepEqual(await agentProblems({}, 0), [OPEN_ROOT]);
  assert.deepEqual(await agentProblems({}, 1_000), []);
  assert.deepEqual(await agentProblems(TOKEN, 0), []);
  assert.deepEqual(await agentProblems(MEANT, 0), []);
});

Deno.test("LMCP_WITHOUT_TOKEN opens no program to other machines", async () => {
  const pattern = /^--bind: error: "0\.0\.0\.0" can be reached from other machines/;
  const args = ["--bind", "0.0.0.0"];
  assert.match((await hubProblems(MEANT, { args })).join(), pattern);
  assert.match((await agentProblems(MEANT, 0, args)).join(), pattern);
});
