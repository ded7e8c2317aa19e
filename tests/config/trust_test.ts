import assert from "node:assert/strict";
import { formatProblem } from "../../lib/base/problem.ts";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration } from "../../lib/config/load.ts";
import { loadAgentSettings } from "../../lib/config/settings.ts";
import { findTampering, systemSources } from "../../lib/config/sources.ts";
import { type FakeFile, fakeSources } from "./fake_sources.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FakeFile>>;
}

/** The errors in the configuration of a hub, or of an agent. */
async function errorsOf(role: "hub" | "agent", { env = {}, files }: World): Promise<string[]> {
  const sources = fakeSources({ env, files });
  const command = parseCommand(role === "agent" ? ["--agent"] : []);
  const { problems } = command.mode === "agent"
    ? await loadAgentSettings({ ...sources, flags: command.flags })
    : command.mode === "serve"
    ? await loadConfiguration("serve", command.flags, sources)
    : assert.fail();
  return problems.filter(({ severity }) => severity === "error").map(formatProblem);
}

const REGISTRY = '[hosts.a]\nssh_host = "a"\n';
const TOKEN = "a-token-that-is-long-enough";
const HOST_TOKEN = `${REGISTRY}token_file = "/t"\n`;
const CLIENT_TOKEN = `${REGISTRY}[clients.ann]\ntoken_file = "/t"\n`;

/** Files of a hub whose content decides what runs: which is tampered with, and what names it. */
const files: readonly (readonly [
  role: "hub" | "agent",
  path: string,
  text: string,
  env: Readonly<Record<string, string>>,
  start: string,
])[] = [
  ["hub", "/r.toml", REGISTRY, { LMCP_HUB_BACKENDS: "/r.toml" }, "/r.toml: error: "],
  ["hub", "/r.conf", "a a\n", { LMCP_HUB_BACKENDS: "/r.conf" }, "/r.conf: error: "],
  ["hub", "/etc/lmcp-hub/hosts.toml", REGISTRY, {}, "/etc/lmcp-hub/hosts.toml: error: "],
  [
    "hub",
    "/ssh",
    "Host *",
    { LMCP_HUB_SSH_CONFIG: "/ssh" },
    'LMCP_HUB_SSH_CONFIG: error: "/ssh" ',
  ],
  [
    "hub",
    "/conf",
    `.godparticle = ${TOKEN}`,
    { LMCP_HUB_CONF: "/conf" },
    'LMCP_HUB_CONF: error: "/conf" ',
  ],
  [
    "hub",
    "/opt/herding/etc/lmcp-hub.conf",
    `.godparticle = ${TOKEN}`,
    {},
    "/opt/herding/etc/lmcp-hub.conf: error: ",
  ],
  ["hub", "/etc/lmcp-hub/environment", "A=b", {}, "/etc/lmcp-hub/environment: error: "],
  ["hub", "/audit", "{}", { LMCP_HUB_AUDIT: "/audit" }, 'LMCP_HUB_AUDIT: error: "/audit" '],
  [
    "hub",
    "/t",
    TOKEN,
    { LMCP_TOKEN_FILE: "/t" },
    'LMCP_TOKEN_FILE: error: token file "/t" ',
  ],
  [
    "agent",
    "/conf",
    `.godparticle = ${TOKEN}`,
    { LMCP_CONF: "/conf" },
    'LMCP_CONF: error: "/conf" ',
  ],
  ["agent", "/etc/lmcp-agent/environment", "A=b", {}, "/etc/lmcp-agent/environment: error: "],
  [
    "agent",
    "/t",
    TOKEN,
    { LMCP_TOKEN_FILE: "/t" },
    'LMCP_TOKEN_FILE: error: token file "/t" ',
  ],
];

const GROUP = (path: string) => `can be changed by its group (mode 0660): chmod go-w ${path}`;
const OTHER =
  "belongs to another user (4711): give it to root or to user 1000, as whom this runs, " +
  "with chown";

for (const [role, path, text, env, start] of files) {
  Deno.test(`the ${role} refuses ${path} (${start.split(":", 1)}) when others may change it`, async () => {
    const errors = (file: FakeFile) => errorsOf(role, { env, files: { [path]: file } });
    assert.deepEqual(await errors({ text, mode: 0o600 }), []);
    assert.deepEqual(await errors({ text, mode: 0o640, owner: 0 }), []);
    assert.deepEqual(await errors({ text, mode: 0o660 }), [start + GROUP(path)]);
    assert.deepEqual(await errors({ text, mode: 0o600, owner: 4711 }), [start + OTHER]);
  });
}

for (const [what, registry] of [["host", HOST_TOKEN], ["client", CLIENT_TOKEN]] as const) {
  Deno.test(`the hub refuses the token file of a ${what} when others may change it`, async () => {
    const env = { LMCP_HUB_BACKENDS: "/r.toml" };
    const errors = (file: FakeFile) =>
      errorsOf("hub", { env, files: { "/r.toml": registry, "/t": file } });
    assert.deepEqual(await errors({ text: TOKEN, mode: 0o640 }), []);
    for (const file of [{ mode: 0o660 }, { mode: 0o600, owner: 4711 }]) {
      assert.match(
        (await errors({ text: TOKEN, ...file })).join(),
        /token_file: token file "\/t" /,
      );
    }
  });
}

Deno.test("findTampering() sees the modes and owners of real files, and no fault in devices", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const path = await Deno.makeTempFile();
  assert.equal(await findTampering(path, systemSources), null);
  await Deno.chmod(path, 0o646);
  assert.match(await findTampering(path, systemSources) ?? "", /^can be changed by all users/);
  await Deno.remove(path);
  assert.equal(await findTampering(path, systemSources), null);
  assert.equal(await findTampering("/dev/null", systemSources), null);
});
