import assert from "node:assert/strict";
import { check } from "./lab.ts";

Deno.test("runCheck() warns of a known_hosts that cannot be written, where ssh is used", async () => {
  const firstLine = async (registry: string) => {
    const world = { files: { "/r.conf": registry }, canWriteKnownHosts: false };
    return (await check("--registry /r.conf", world)).stdout[0];
  };
  assert.match(await firstLine("a a\n") ?? "", /^known_hosts: warning: ssh cannot write/);
  assert.match(await firstLine("a - http://a/\n") ?? "", /0 warnings$/);
});

Deno.test("runCheck() warns where a backend is reached through ssh, and ssh keeps no connection", async () => {
  const world = (url: string) => ({
    files: { "/r.toml": `[hosts.a]\nlmcp_url = "${url}"\n` },
    controlFault: "others may enter it",
  });
  const line = "--registry /r.toml --quiet";
  const { status, stdout } = await check(line, world("ssh://a:8080/mcp"));
  assert.equal(status, 0);
  assert.deepEqual(stdout, [
    'LMCP_HUB_CONTROL_DIR: warning: an lmcp_url that starts with "ssh:" cannot be used: ' +
    "/run/lmcp-hub: others may enter it; /tmp/lmcp-hub: others may enter it",
  ]);
  assert.deepEqual((await check(line, world("http://a:8080/mcp"))).stdout, []);
});

Deno.test("runCheck() warns where ssh connections are not reused", async () => {
  const world = {
    env: { LMCP_HUB_CONTROL_DIR: "/c" },
    files: { "/r.toml": '[hosts.a]\nssh_host = "a"\n' },
  };
  const line = "--registry /r.toml --quiet";
  assert.deepEqual((await check(line, world)).stdout, []);
  const { status, stdout } = await check(line, { ...world, controlFault: "it cannot be made" });
  assert.equal(status, 0);
  assert.deepEqual(stdout, [
    "LMCP_HUB_CONTROL_DIR: warning: ssh connections are not reused, which is slow: " +
    "/c: it cannot be made",
  ]);
});

Deno.test("runCheck() warns of a known_hosts where a backend is reached through ssh alone", async () => {
  const files = { "/r.toml": '[hosts.a]\nlmcp_url = "ssh://a:8080/mcp"\n' };
  const { stdout } = await check("--registry /r.toml", { files, canWriteKnownHosts: false });
  assert.match(stdout[0] ?? "", /^known_hosts: warning: /);
});
