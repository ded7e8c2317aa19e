import assert from "node:assert/strict";
import { z } from "zod";
import { makeManifest } from "../../scripts/mcpb/manifest.ts";
import { parseRepository } from "../../scripts/mcpb/options.ts";
import { makeServerJson } from "../../scripts/mcpb/server_json.ts";
import { at } from "../mcp/wire.ts";

const SHA256 = "0".repeat(63) + "a";
const RELEASE = { repository: "example/lmcp-hub", version: "1.2.3", sha256: SHA256 };

const input = z.strictObject({
  description: z.string().optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  value: z.string().optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.string()).optional(),
});
const namedInput = input.extend({
  name: z.string(),
  variables: z.record(z.string(), input).optional(),
});

/**
 * What the registry's schema of 2025-12-11 says of the parts that are used here, but stricter: there,
 * fields that it does not know are allowed.
 * https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
 */
const serverJson = z.strictObject({
  $schema: z.literal(
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  ),
  name: z.string().min(3).max(200).regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().max(255),
  repository: z.strictObject({ url: z.url(), source: z.literal("github") }),
  packages: z.array(z.strictObject({
    registryType: z.literal("mcpb"),
    // The registry accepts releases of GitHub and of GitLab, with "mcp" in the address.
    identifier: z.string().regex(/^https:\/\/github\.com\/[^/]+\/[^/]+\/releases\/download\/.*mcp/),
    version: z.string().min(1).max(255),
    fileSha256: z.string().regex(/^[a-f0-9]{64}$/),
    transport: z.strictObject({ type: z.literal("stdio") }),
    environmentVariables: z.array(namedInput),
  })),
  remotes: z.array(z.strictObject({
    type: z.literal("streamable-http"),
    url: z.string().regex(/^https?:\/\/[^\s]+$/),
    variables: z.record(z.string(), input),
    headers: z.array(namedInput),
  })),
});

Deno.test("server.json is what the registry accepts", () => {
  const parsed = serverJson.parse(makeServerJson(RELEASE));
  assert.equal(parsed.name, "io.github.example/lmcp-hub");
  const [bundle] = parsed.packages;
  assert.equal(
    bundle?.identifier,
    "https://github.com/example/lmcp-hub/releases/download/v1.2.3/lmcp-hub.mcpb",
  );
  assert.equal(bundle?.fileSha256, SHA256);
});

Deno.test("server.json declares what is in braces, and which values are secret", () => {
  const { packages: [bundle], remotes: [remote] } = serverJson.parse(makeServerJson(RELEASE));
  assert.deepEqual(Object.keys(remote?.variables ?? {}), namesIn(remote?.url ?? ""));
  for (const { value = "", variables = {} } of remote?.headers ?? []) {
    assert.deepEqual(Object.keys(variables), namesIn(value));
    assert.ok(Object.values(variables).every(({ isSecret }) => isSecret));
  }
  const secret = bundle?.environmentVariables.filter(({ isSecret }) => isSecret);
  assert.deepEqual(secret?.map(({ name }) => name), ["LMCP_BRIDGE_TOKEN"]);
});

Deno.test("server.json has the variables that the bundle's manifest sets", () => {
  const { packages: [bundle] } = serverJson.parse(makeServerJson(RELEASE));
  const set = at(makeManifest("1.2.3", null), "server", "mcp_config", "env");
  assert.ok(typeof set === "object" && set !== null);
  assert.deepEqual(bundle?.environmentVariables.map(({ name }) => name), Object.keys(set));
});

Deno.test("parseRepository() takes the owner and the name of a repository", () => {
  assert.equal(parseRepository([]), null);
  assert.equal(parseRepository(["--repository", "example/lmcp-hub"]), "example/lmcp-hub");
  for (const bad of ["example", "https://github.com/a/b", "a/b/c", "OWNER /NAME", "/b", ""]) {
    assert.throws(() => parseRepository(["--repository", bad]), /must be OWNER\/NAME/, bad);
  }
});

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}
