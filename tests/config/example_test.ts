import assert from "node:assert/strict";
import { loadHubSettings } from "../../lib/config/settings.ts";
import { parseRegistry } from "../../lib/config/registry/load.ts";
import { clientSchema, defaultsSchema, hostSchema } from "../../lib/config/registry/schema.ts";
import { ALL_TOOLS } from "../../lib/fleet/rules.ts";
import { confirmSchema } from "../../lib/config/registry/confirm.ts";
import { commandSchema } from "../../lib/config/registry/commands/schema.ts";
import { usageOf } from "../../lib/tools/commands/usage.ts";
import { fakeSources } from "./fake_sources.ts";

const text = await Deno.readTextFile(new URL("../../hosts.toml.example", import.meta.url));

const sources = fakeSources({
  env: {
    LMCP_TOKEN_BOT: "of-the-bot",
    LMCP_TOKEN_BROGLIE: "of-broglie",
    LMCP_TOKEN_CI: "of-ci",
    LMCP_TOKEN_MONITORING: "of-monitoring",
  },
  files: {
    "/etc/lmcp-hub/tokens/boltzmann": "of-boltzmann\n",
    "/etc/lmcp-hub/tokens/lovelace": "of-lovelace\n",
    "/etc/lmcp-hub/tokens/ann": "of-ann\n",
  },
});

async function parseExample() {
  const flags = {
    registry: null,
    results: null,
    port: null,
    argumentPort: null,
    bind: null,
    quiet: false,
  };
  const { settings } = await loadHubSettings({ ...sources, mode: "serve", flags });
  const inputs = { ...sources, path: "/etc/lmcp-hub/hosts.toml", defaults: settings.timeouts };
  return { ...await parseRegistry(text, inputs), settings };
}

Deno.test("hosts.toml.example has no problems", async () => {
  const { registry, problems } = await parseExample();
  assert.deepEqual(problems, []);
  assert.deepEqual([...registry.hosts.values()].map(({ name, token }) => [name, token?.reveal()]), [
    ["boltzmann", "of-boltzmann"],
    ["tesla", undefined],
    ["lovelace", "of-lovelace"],
    ["noether", undefined],
    ["broglie.example.org", "of-broglie"],
    ["curie", undefined],
  ]);
});

Deno.test("hosts.toml.example has clients that may do what its comments say", async () => {
  const { registry } = await parseExample();
  const clients = [...registry.clients.values()].map(({ token, hosts, ...client }) => ({
    ...client,
    token: token?.reveal(),
    hosts: hosts && [...hosts],
  }));
  assert.deepEqual(clients, [
    {
      name: "ann",
      token: "of-ann",
      tokenVariable: null,
      hosts: null,
      maxTimeoutMs: null,
      results: null,
      rules: ALL_TOOLS,
    },
    {
      name: "ci",
      token: "of-ci",
      tokenVariable: "LMCP_TOKEN_CI",
      hosts: ["boltzmann", "tesla"],
      maxTimeoutMs: 600_000,
      limits: { perMinute: 120, atOnce: 8 },
      results: null,
      rules: {
        tools: new Set(["remote_list_hosts", "remote_shell", "remote_write_file"]),
        readOnly: false,
      },
    },
    {
      name: "monitoring",
      token: "of-monitoring",
      tokenVariable: "LMCP_TOKEN_MONITORING",
      hosts: null,
      maxTimeoutMs: null,
      results: "structured",
      rules: { tools: null, readOnly: true },
    },
    {
      name: "bot",
      token: "of-the-bot",
      tokenVariable: "LMCP_TOKEN_BOT",
      hosts: ["boltzmann", "broglie.example.org"],
      maxTimeoutMs: null,
      results: null,
      rules: { tools: new Set(["remote_list_hosts", "remote_run"]), readOnly: false },
      commands: new Set(["restart", "logs"]),
    },
  ]);
});

Deno.test("hosts.toml.example has commands, whose arguments are as its comments say", async () => {
  const { registry } = await parseExample();
  const usages = [...registry.commands?.values() ?? []].map((command) =>
    usageOf(command, registry.hosts)
  );
  assert.deepEqual(usages, [
    "restart(unit: [a-z0-9@.-]+): Restart a service (on boltzmann broglie.example.org)",
    "logs(unit: [a-z0-9@.-]+, lines?: 1..500, format: short-iso|json, reverse?: --reverse): " +
    "The last lines of a service's journal",
  ]);
});

Deno.test("hosts.toml.example states the built-in defaults", async () => {
  const { registry, settings } = await parseExample();
  const boltzmann = registry.hosts.get("boltzmann");
  assert.deepEqual(boltzmann?.timeouts, settings.timeouts);
  assert.deepEqual(boltzmann?.rules, ALL_TOOLS);
});

Deno.test("hosts.toml.example shows every field", () => {
  const [defaults = "", rest = ""] = text.split("\n[hosts.boltzmann]\n");
  const [hosts = "", clients = ""] = rest.split("\n[clients.ann]\n");
  const commented = ["tools"];
  for (const field of Object.keys(defaultsSchema.shape)) {
    const start = commented.includes(field) ? "# " : "";
    assert.match(defaults, new RegExp(`^${start}${field} = `, "m"));
  }
  for (const field of Object.keys(hostSchema.shape)) {
    if (Object.hasOwn(defaultsSchema.shape, field)) continue;
    assert.match(hosts, new RegExp(`^(# )?${field} = `, "m"));
  }
  for (const field of Object.keys(clientSchema.shape)) {
    if (field === "token") continue;
    assert.match(clients, new RegExp(`^${field} = `, "m"));
  }
  const [, commands = ""] = rest.split("\n[commands.restart]\n");
  for (const field of Object.keys(commandSchema.shape)) {
    assert.match(commands, new RegExp(`^${field}(\\.unit)? = `, "m"));
  }
  const [, confirm = ""] = rest.split("\n[[confirm]]\n");
  for (const field of Object.keys(confirmSchema.shape)) {
    assert.match(confirm, new RegExp(`^${field} = `, "m"));
  }
});
