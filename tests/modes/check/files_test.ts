import assert from "node:assert/strict";
import { check } from "./lab.ts";

Deno.test("runCheck() warns of a missing registry that nothing names", async () => {
  assert.deepEqual(await check("", {}), {
    status: 0,
    stdout: [
      "/etc/lmcp-hub/hosts.toml: warning: there is no such file, nor /opt/herding/etc/hub-backends.conf: no hosts",
      "/etc/lmcp-hub/hosts.toml: 0 hosts, 0 errors, 1 warning",
    ],
    stderr: [],
  });
});

for (
  const [line, env, source] of [
    ["--registry /no.toml", {}, "--registry"],
    ["", { LMCP_HUB_BACKENDS: "/no.toml" }, "LMCP_HUB_BACKENDS"],
    ["--registry /no.toml", { LMCP_HUB_BACKENDS: "/r.toml" }, "--registry"],
  ] as const
) {
  Deno.test(`runCheck() fails for a missing registry that is named: ${line} ${Object.keys(env)}`, async () => {
    assert.deepEqual(await check(line, { env, files: { "/r.toml": "" } }), {
      status: 2,
      stdout: [
        `${source}: error: cannot read "/no.toml": no such file`,
        "/no.toml: 0 hosts, 1 error, 0 warnings",
      ],
      stderr: [],
    });
  });
}

Deno.test("runCheck() fails for a missing configuration file of ssh", async () => {
  const env = { LMCP_HUB_SSH_CONFIG: "/ssh_config" };
  const missing = await check("--registry /r.conf", { env, files: { "/r.conf": "a a\n" } });
  assert.equal(missing.status, 2);
  assert.equal(
    missing.stdout[0],
    'LMCP_HUB_SSH_CONFIG: error: cannot read "/ssh_config": no such file',
  );
  const files = { "/r.conf": "a a\n", "/ssh_config": "" };
  assert.equal((await check("--registry /r.conf", { env, files })).status, 0);
});

Deno.test("runCheck() says that the audit trail cannot be written", async () => {
  const files = { "/r.toml": '[hosts.a]\nssh_host = "a"\n' };
  const line = "--registry /r.toml --quiet";
  const appendFault = "permission denied";
  assert.deepEqual((await check(line, { files, appendFault })).stdout, []);
  const env = { LMCP_HUB_AUDIT: "/a.jsonl" };
  const { status, stdout } = await check(line, { files, env, appendFault });
  assert.equal(status, 2);
  assert.deepEqual(stdout, [
    'LMCP_HUB_AUDIT: error: cannot write "/a.jsonl": permission denied',
  ]);
});
