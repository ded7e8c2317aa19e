import assert from "node:assert/strict";
import { loadAgentSettings, loadHubSettings } from "../../lib/config/settings.ts";
import { ENVIRONMENT, HUB_CONF_PATH } from "../../lib/config/variables.ts";
import { fakeSources } from "./fake_sources.ts";
import { loadAgent, loadHub, noFlags, World } from "./loaded_settings.ts";

Deno.test("loadAgentSettings() has a default for everything", async () => {
  assert.deepEqual(await loadAgent({}), {
    problems: [],
    settings: {
      name: "lmcp-agent",
      nats: null,
      listens: true,
      natsName: null,
      tags: [],
      bind: "127.0.0.1",
      port: 8080,
      token: null,
      allowedHosts: [],
      tls: null,
      log: { format: "text", level: "info" },
      root: "/",
      denyPaths: [],
      secretFiles: [],
      stateDirectory: "/var/lib/lmcp-agent",
    },
  });
});

Deno.test("loadHubSettings() accepts an LMCP_HUB_PROBE_TTL of 0, as the Lua hub does", async () => {
  const { settings, problems } = await loadHub({ env: { LMCP_HUB_PROBE_TTL: "0" } });
  assert.deepEqual(problems, []);
  assert.equal(settings.probe.upMs, 0);
});

Deno.test("loadAgentSettings() reads its directories and the token of LMCP_CONF", async () => {
  const { settings, problems } = await loadAgent({
    env: { LMCP_ROOT: "/srv", LMCP_STATE_DIR: "/state", LMCP_CONF: "/agent.conf" },
    files: { "/agent.conf": ".godparticle = secret\n", "/srv": "" },
  });
  assert.deepEqual(problems, []);
  assert.equal(settings.root, "/srv");
  assert.equal(settings.stateDirectory, "/state");
  assert.equal(settings.token?.reveal(), "secret");
});

Deno.test("loadAgentSettings() knows the files that hold secrets, and paths to keep", async () => {
  const env = {
    LMCP_CONF: "/agent.conf",
    LMCP_TLS_CERT: "/cert",
    LMCP_TLS_KEY: "/key",
    LMCP_DENY_PATHS: "/srv/a b:/srv/c:",
  };
  const { settings } = await loadAgent({ env });
  assert.deepEqual(settings.secretFiles, ["/agent.conf", "/key"]);
  assert.deepEqual(settings.denyPaths, ["/srv/a b", "/srv/c"]);
  const { settings: other } = await loadAgent({ env: { LMCP_TOKEN_FILE: "token" } });
  assert.deepEqual(other.secretFiles, ["token"]);
});

Deno.test("loadAgentSettings() does not read the hub's conf", async () => {
  const files = { [HUB_CONF_PATH]: ".godparticle = secret\n" };
  assert.equal((await loadAgent({ files })).settings.token, null);
});

Deno.test("ENVIRONMENT lists exactly what the hub and the agent read", async () => {
  for (const program of ["hub", "agent"] as const) {
    const asked = new Set<string>();
    const sources = fakeSources();
    const env = (name: string) => {
      asked.add(name);
      return sources.env(name);
    };
    if (program === "hub") {
      await loadHubSettings({
        ...sources,
        env,
        mode: "serve",
        flags: { ...noFlags, registry: null, results: null },
      });
    } else await loadAgentSettings({ ...sources, env, flags: noFlags });
    const listed = ENVIRONMENT.filter((variable) => variable[program] !== undefined);
    assert.deepEqual([...asked].sort(), listed.map(({ name }) => name).sort(), program);
  }
});

Deno.test("loadHubSettings() treats an empty variable as not set", async () => {
  const env = Object.fromEntries(
    ENVIRONMENT.filter(({ name }) => name !== "LMCP_TOKEN").map(({ name }) => [name, ""]),
  );
  assert.deepEqual(await loadHub({ env }), await loadHub({}));
});

Deno.test("loadHubSettings() has --port beat LMCP_PORT beat the argument", async () => {
  const port = async (world: World) => (await loadHub(world)).settings.port;
  const env = { LMCP_PORT: "2" };
  assert.equal(await port({ flags: { port: 1, argumentPort: 3 }, env }), 1);
  assert.equal(await port({ flags: { argumentPort: 3 }, env }), 2);
  assert.equal(await port({ flags: { argumentPort: 3 } }), 3);
  assert.equal(await port({ flags: { argumentPort: 0 }, env: { LMCP_PORT: "" } }), 0);
});

Deno.test("loadHubSettings() has --bind beat LMCP_HOST", async () => {
  const { settings } = await loadHub({ flags: { bind: "::1" }, env: { LMCP_HOST: "localhost" } });
  assert.equal(settings.bind, "::1");
});

Deno.test("loadHubSettings() has --quiet log warnings and errors, and no more than asked", async () => {
  const level = async (env: Record<string, string>) =>
    (await loadHub({ flags: { quiet: true }, env })).settings.log.level;
  assert.equal(await level({}), "warn");
  assert.equal(await level({ LMCP_LOG_LEVEL: "debug" }), "warn");
  assert.equal(await level({ LMCP_LOG_LEVEL: "error" }), "error");
});

Deno.test("loadHubSettings() treats LMCP_TRANSPORT=stdio as --stdio", async () => {
  assert.equal((await loadHub({ env: { LMCP_TRANSPORT: "stdio" } })).settings.transport, "stdio");
  assert.equal((await loadHub({ mode: "stdio" })).settings.transport, "stdio");
});

Deno.test("loadHubSettings() finds the registry: flag, variable, first file that exists", async () => {
  const [toml, legacy] = ["/etc/lmcp-hub/hosts.toml", "/opt/herding/etc/hub-backends.conf"];
  const path = async (world: World) => (await loadHub(world)).settings.registryPath;
  const env = { LMCP_HUB_BACKENDS: "/b" };
  assert.equal(await path({ flags: { registry: "/a" }, env, files: { [toml]: "" } }), "/a");
  assert.equal(await path({ env, files: { [toml]: "" } }), "/b");
  assert.equal(await path({ files: { [toml]: "", [legacy]: "" } }), toml);
  assert.equal(await path({ files: { [legacy]: "" } }), legacy);
  assert.equal(await path({ files: {} }), toml);
});
