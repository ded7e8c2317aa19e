import assert from "node:assert/strict";
import { parseSshUrl, usesSsh } from "../../../lib/fleet/lmcp/ssh_url.ts";

const URLS: Readonly<Record<string, readonly [string, number, string]>> = {
  "ssh://tesla:9090/mcp": ["tesla", 9090, "/mcp"],
  "ssh://tesla": ["tesla", 8080, "/"],
  "ssh://tesla:/mcp": ["tesla", 8080, "/mcp"],
  "SSH://Tesla/mcp?results=structured": ["Tesla", 8080, "/mcp?results=structured"],
  "ssh://admin@my_alias:22/mcp": ["admin@my_alias", 22, "/mcp"],
  "ssh://DOMAIN+a@b@tesla/mcp": ["DOMAIN+a@b@tesla", 8080, "/mcp"],
  "ssh://root@[fe80::1]:8081/mcp": ["root@fe80::1", 8081, "/mcp"],
  "ssh://tesla/a@b:1": ["tesla", 8080, "/a@b:1"],
};

for (const [url, [destination, port, path]] of Object.entries(URLS)) {
  Deno.test(`parseSshUrl() finds the parts of ${url}`, () => {
    assert.deepEqual(parseSshUrl(url), { destination, port, path });
  });
}

for (
  const url of ["http://tesla:8080/mcp", "ssh:tesla", "ssh:///mcp", "ssh://tesla:70000/", "tesla"]
) {
  Deno.test(`parseSshUrl() knows that ${url} is none`, () => {
    assert.equal(parseSshUrl(url), null);
  });
}

Deno.test("usesSsh() is about either way to a host", () => {
  const uses = (sshHost: string | null, lmcpUrl: string | null) => usesSsh({ sshHost, lmcpUrl });
  assert.deepEqual(
    [uses("a", null), uses(null, "ssh://a/"), uses(null, "http://a/"), uses(null, null)],
    [true, true, false, false],
  );
});
