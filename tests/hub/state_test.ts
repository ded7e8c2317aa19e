import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration } from "../../lib/config/load.ts";
import { createHubState, type HubState } from "../../lib/hub/state.ts";
import { fakeSources } from "../config/fake_sources.ts";

/** The state of a hub with one client, one host, and an inbound token, all with this token's end. */
async function stateOf(end: string): Promise<HubState> {
  const registry = `[hosts.host-${end}]\nlmcp_url = "http://127.0.0.1:9/mcp"\n` +
    `token = "of-host-${end}"\n[clients.ann]\ntoken = "of-ann-${end}"\n`;
  const sources = fakeSources({
    env: { LMCP_HUB_BACKENDS: "/r.toml", LMCP_TOKEN: `of-hub-${end}` },
    files: { "/r.toml": registry },
  });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const { configuration, problems } = await loadConfiguration("serve", command.flags, sources);
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
  return createHubState(configuration, { tools: [] });
}

/** The principal that a token names. */
function principalOf({ authenticate }: HubState, token: string): string | undefined {
  const headers = { authorization: `Bearer ${token}` };
  return authenticate(new Request("http://127.0.0.1/mcp", { headers }))?.name;
}

Deno.test("createHubState() derives access, authentication and redaction from one configuration", async () => {
  const [older, newer] = [await stateOf("1"), await stateOf("2")];
  for (const [state, own, other] of [[older, "1", "2"], [newer, "2", "1"]] as const) {
    assert.equal(principalOf(state, `of-hub-${own}`), "default");
    assert.equal(principalOf(state, `of-ann-${own}`), "ann");
    assert.equal(principalOf(state, `of-ann-${other}`), undefined);
    assert.equal(principalOf(state, `of-host-${own}`), undefined);
    assert.deepEqual([...state.access.hostsFor("ann").hosts.keys()], [`host-${own}`]);
    const text = `of-hub-${own} of-ann-${own} of-host-${own} of-host-${other}`;
    assert.equal(state.redact(text), `[secret] [secret] [secret] of-host-${other}`);
  }
});

Deno.test("createHubState() lets nobody in without a token where access tokens alone are accepted", async () => {
  const sources = fakeSources({
    env: { LMCP_HUB_BACKENDS: "/r.toml", LMCP_HOST: "0.0.0.0" },
    files: {
      "/r.toml": `[oauth]
issuer = "https://login.example.org"
audience = "https://hub.example.org/mcp"
claim = "sub"
[hosts.a]
ssh_host = "a"
`,
    },
  });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const { configuration, problems } = await loadConfiguration("serve", command.flags, sources);
  assert.deepEqual(problems.map(({ severity, field }) => [severity, field]), [[
    "warning",
    "oauth",
  ]]);
  const { authenticate } = createHubState(configuration, { tools: [] });
  assert.equal(authenticate(new Request("http://127.0.0.1/mcp")), null);
});
