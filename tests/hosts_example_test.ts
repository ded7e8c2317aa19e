import assert from "node:assert/strict";
import { loadHubSettings } from "../lib/config.ts";
import { parseRegistry } from "../lib/fleet/registry.ts";
import { defaultsSchema, hostSchema } from "../lib/fleet/registry_schema.ts";
import { fakeSources } from "./fake_sources.ts";

const text = await Deno.readTextFile(new URL("../hosts.toml.example", import.meta.url));

const sources = fakeSources({
  env: { LMCP_TOKEN_BROGLIE: "of-broglie" },
  files: { "/etc/lmcp-hub/tokens/boltzmann": "of-boltzmann\n" },
});

async function parseExample() {
  const flags = { registry: null, port: null, argumentPort: null, bind: null, quiet: false };
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
    ["broglie.example.org", "of-broglie"],
    ["curie", undefined],
  ]);
});

Deno.test("hosts.toml.example states the built-in defaults", async () => {
  const { registry, settings } = await parseExample();
  assert.deepEqual(registry.hosts.get("boltzmann")?.timeouts, settings.timeouts);
});

Deno.test("hosts.toml.example shows every field", () => {
  const [defaults = "", hosts = ""] = text.split("\n[hosts.boltzmann]\n");
  for (const field of Object.keys(defaultsSchema.shape)) {
    assert.match(defaults, new RegExp(`^${field} = `, "m"));
  }
  for (const field of Object.keys(hostSchema.shape)) {
    if (Object.hasOwn(defaultsSchema.shape, field)) continue;
    assert.match(hosts, new RegExp(`^(# )?${field} = `, "m"));
  }
});
