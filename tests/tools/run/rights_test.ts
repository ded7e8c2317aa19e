import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import type { Client } from "../../../lib/fleet/client.ts";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { hideSecrets } from "../../../lib/tools/hide_secrets.ts";
import { limitTimeout } from "../../../lib/tools/limit_timeout.ts";
import { callRecord } from "../../calls/record.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { labHost } from "../../lab/host.ts";
import { callContext } from "../../mcp/call_context.ts";
import { outputOptions } from "../../outputs/options.ts";
import { toAnswer } from "./lab.ts";

const SECRET = "secret-of-web2";

function client(parts: Partial<Client>): Client {
  return {
    name: "ann",
    token: new Secret("of-ann-and-long-enough"),
    tokenVariable: null,
    hosts: null,
    maxTimeoutMs: null,
    results: null,
    rules: ALL_TOOLS,
    ...parts,
  };
}

/** A client's view of a fleet in which every command prints a secret. */
function setUp(
  hosts: readonly Host[],
  ann: Client = client({}),
  onSent: () => void = () => {},
) {
  const sent: { host: string; args: unknown }[] = [];
  const dispatch: Dispatch = (host, { args }) => {
    sent.push({ host: host.name, args });
    onSent();
    const text = `password ${SECRET} of ${host.name}\n`;
    const structured = {
      exit_code: 0,
      stdout: text,
      stderr: "",
      truncated: false,
      timed_out: false,
    };
    return Promise.resolve({
      kind: "ran",
      via: "lmcp",
      reply: { text, failure: null, structured },
      exitCode: 0,
      errors: [],
      fallbackReason: null,
    });
  };
  const tools: readonly Tool[] = createRemoteTools({
    ...outputOptions(createFakeClock()),
    access: () => createAccess({ registry, problems: [] }, tools),
    dispatch,
    inventory: { ofHost: () => assert.fail(), ofHosts: () => assert.fail() },
    listStates: () => Promise.resolve(new Map()),
    now: () => 0,
  });
  const registry = {
    path: "/r.toml",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    groups: new Map(),
    clients: new Map([["ann", ann]]),
  };
  const tool = tools.find(({ name }) => name === "remote_run");
  assert.ok(tool !== undefined);
  const hidden = hideSecrets(tool, (text) => text.replaceAll(SECRET, "[secret]"));
  const limited = limitTimeout(hidden, () => ann.maxTimeoutMs);
  const run = async (args: Record<string, unknown>) => {
    const record = callRecord({ deliveries: [] });
    const offered: string[] = [];
    const context = callContext({
      principal: "ann",
      record,
      offerShorter: ({ text, structure }) => {
        offered.push(text(1_000), JSON.stringify(structure(40)));
      },
    });
    const result = await limited.call({ command: "id", ...args }, context);
    return { ...toAnswer(result, record), offered };
  };
  const remove = (name: string) => registry.hosts.delete(name);
  return { run, sent, remove };
}

const HOSTS: readonly Host[] = ["web1", "web2", "web3"].map((name) => labHost({ name }));

Deno.test("remote_run knows no host that its caller may not see", async () => {
  const { run, sent } = setUp(HOSTS, client({ hosts: new Set(["web1", "web3"]) }));
  const { text } = await run({ targets: "@all" });
  assert.match(text, /^2 hosts: /);
  assert.doesNotMatch(text, /web2/);
  assert.deepEqual(sent.map(({ host }) => host), ["web1", "web3"]);
  const named = await run({ targets: "web[1-2]" });
  assert.deepEqual([named.isError, named.text.startsWith('Error: unknown host "web2"')], [
    true,
    true,
  ]);
  const counted = await run({ targets: "@all", expect: 3 });
  assert.equal(counted.text, "Error: `targets` is 2 hosts, not 3: web[1,3]");
  assert.equal(sent.length, 2);
});

const FORBIDDEN = HOSTS.map((host) =>
  host.name === "web2"
    ? { ...host, rules: { tools: new Set(["remote_read_file"]), readOnly: false } }
    : host
);

Deno.test("remote_run refuses the whole run where one host forbids it, and names that host", async () => {
  const { run, sent } = setUp(FORBIDDEN);
  const { text, isError, record } = await run({ targets: "@all" });
  assert.equal(isError, true);
  assert.equal(
    text,
    'Error: remote_run is not allowed on "web2", where you may use remote_read_file alone',
  );
  assert.deepEqual([sent, record.deliveries, record.hosts], [[], [], null]);
});

Deno.test("remote_run with dry_run says which rule would refuse it", async () => {
  const { run, sent } = setUp(FORBIDDEN);
  const { text, isError } = await run({ targets: "@all", dry_run: true });
  assert.equal(isError, false);
  assert.match(text, /\nweb2: REFUSED: remote_run is not allowed on "web2", where /);
  assert.match(text, /\nThe whole run would be refused\.$/);
  assert.deepEqual(sent, []);
});

Deno.test("remote_run runs a command for no longer than its caller may", async () => {
  const { run, sent } = setUp(HOSTS, client({ maxTimeoutMs: 5_000 }));
  const refused = await run({ targets: "@all", timeout: 6 });
  assert.equal(refused.text, "Error: `timeout` may be at most 5 s for you");
  await run({ targets: "web1", check: "true" });
  assert.deepEqual(sent.map(({ args }) => args), [
    { command: "id", timeout: 5 },
    { command: "true", timeout: 5 },
  ]);
});

Deno.test("remote_run hides secrets before it cuts anything", async () => {
  const { run } = setUp(HOSTS);
  const { text, structured, offered } = await run({ targets: "@all" });
  for (const shown of [text, JSON.stringify(structured), ...offered]) {
    assert.match(shown, /password/);
    assert.doesNotMatch(shown, /secret-of/);
  }
});

Deno.test("remote_run runs only what its caller may still do when a host's turn comes", async () => {
  const fleet = setUp(HOSTS, client({}), () => fleet.remove("web2"));
  const { text } = await fleet.run({ targets: "@all", batch: "1", max_fail: 5 });
  assert.deepEqual(fleet.sent.map(({ host }) => host), ["web1", "web3"]);
  assert.match(text, /^== web2: NOT RUN: unknown host "web2"/m);
});
