import assert from "node:assert/strict";
import { check } from "./lab.ts";

Deno.test("runCheck() prints the legacy registry as TOML, warnings on stderr", async () => {
  const files = { "/r.conf": "lost\na a http://a/ canary\n" };
  const { status, stdout, stderr } = await check("--format toml --registry /r.conf", { files });
  assert.equal(status, 0);
  assert.match(stdout.join("\n"), /^\[hosts\.a\]\nssh_host = "a"\nlmcp_url = "http:\/\/a\/"\n/m);
  assert.doesNotMatch(stdout.join("\n"), /canary/);
  assert.deepEqual(stderr.map((text) => text.slice(0, 18)), ["/r.conf:1: warning"]);
});

Deno.test("runCheck() shows tokens in TOML if asked to", async () => {
  const files = { "/r.conf": "a a http://a/ canary\n" };
  const { stdout } = await check("--format toml --show-tokens --registry /r.conf", { files });
  assert.match(stdout.join("\n"), /^token = "canary"$/m);
});

Deno.test("runCheck() prints no TOML at all where a host would be lost", async () => {
  const files = { "/r.conf": "a a\nb -oX\n" };
  const { status, stdout, stderr } = await check("--format toml --registry /r.conf", { files });
  assert.deepEqual([status, stdout], [2, []]);
  assert.match(stderr[0] ?? "", /^\/r\.conf:2: error: b\.ssh_host: /);
});

Deno.test("runCheck() does not convert a registry that is TOML or missing", async () => {
  assert.deepEqual(await check("--format toml --registry /r.toml", { files: { "/r.toml": "" } }), {
    status: 2,
    stdout: [],
    stderr: ['lmcp-hub: Cannot convert registry "/r.toml": it is TOML already'],
  });
  assert.deepEqual(await check("--format toml --registry /no.conf", {}), {
    status: 2,
    stdout: [],
    stderr: ["hub: no backend registry at /no.conf"],
  });
});
