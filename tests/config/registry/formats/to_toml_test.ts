import assert from "node:assert/strict";
import { parseRegistry } from "../../../../lib/config/registry/load.ts";
import { registryToToml } from "../../../../lib/config/registry/formats/to_toml.ts";
import { fakeSources } from "../../fake_sources.ts";

const defaults = { connectMs: 1, lmcpMs: 2, sshMs: 3, sshHardMs: 4 };
const legacy = "a.b a http://a/ canary\ntesla tesla\nempty -\n";

async function parse(path: string, text: string, files: Record<string, string> = {}) {
  const inputs = { path, defaults, ...fakeSources({ files }) };
  return (await parseRegistry(text, inputs)).registry;
}

Deno.test("registryToToml() suggests a file for each token", async () => {
  const registry = await parse("backends.conf", legacy);
  assert.equal(
    registryToToml(registry, { showTokens: false }),
    `# Each token belongs into the file that token_file names, with mode 0600

[hosts."a.b"]
ssh_host = "a"
lmcp_url = "http://a/"
token_file = "/etc/lmcp-hub/tokens/a.b"

[hosts.tesla]
ssh_host = "tesla"

[hosts.empty]
`,
  );
});

Deno.test("registryToToml() shows tokens only if asked to", async () => {
  const registry = await parse("backends.conf", legacy);
  assert.doesNotMatch(registryToToml(registry, { showTokens: false }), /canary/);
  const shown = registryToToml(registry, { showTokens: true });
  assert.match(shown, /^token = "canary"$/m);
  assert.doesNotMatch(shown, /token_file/);
});

Deno.test("registryToToml() returns a text that parses to the same hosts", async () => {
  const before = await parse("backends.conf", legacy);
  const files = { "/etc/lmcp-hub/tokens/a.b": "canary" };
  for (const showTokens of [true, false]) {
    const after = await parse("hosts.toml", registryToToml(before, { showTokens }), files);
    assert.deepEqual([...after.hosts], [...before.hosts]);
    assert.equal(after.hosts.get("a.b")?.token?.reveal(), "canary");
  }
});
