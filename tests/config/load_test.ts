import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import type { HubMode } from "../../lib/config/settings.ts";
import { loadConfiguration } from "../../lib/config/load.ts";
import { fakeSources } from "./fake_sources.ts";

async function load(mode: HubMode) {
  const command = parseCommand(["--registry", "/r.toml"]);
  assert.ok(command.mode === "serve");
  const files = { "/r.toml": '[hosts.a]\nssh_host = "a"\n[clients.ann]\ntoken_file = "/no"\n' };
  return await loadConfiguration(mode, command.flags, fakeSources({ files }));
}

for (const mode of ["serve", "check"] as const) {
  Deno.test(`loadConfiguration() reads the clients' tokens for ${mode}`, async () => {
    const { problems } = await load(mode);
    assert.deepEqual(problems.map(({ field }) => field), ["clients.ann.token_file"]);
  });
}

for (const mode of ["stdio", "probe"] as const) {
  Deno.test(`loadConfiguration() needs no client's token for ${mode}`, async () => {
    const { problems, configuration } = await load(mode);
    assert.deepEqual([problems, configuration.registry.clients.size], [[], 0]);
  });
}
