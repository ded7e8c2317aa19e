import assert from "node:assert/strict";
import { checkText, runImportOf } from "./import_into.ts";

const KEY = "nodekey:c4nary";

const peer = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ID: KEY,
  PublicKey: KEY,
  HostName: name,
  DNSName: `${name}.tail1234.ts.net.`,
  OS: "linux",
  TailscaleIPs: ["100.64.0.1", "fd7a:115c:a1e0::1"],
  Online: true,
  LastSeen: "0001-01-01T00:00:00Z",
  ...more,
});

const STATUS = {
  Version: "1.80.0",
  BackendState: "Running",
  Self: peer("hub"),
  MagicDNSSuffix: "tail1234.ts.net",
  CurrentTailnet: { Name: "x", MagicDNSSuffix: "tail1234.ts.net", MagicDNSEnabled: true },
  Peer: {
    [`${KEY}1`]: peer("web", { Tags: ["tag:web", "tag:prod"] }),
    [`${KEY}2`]: peer("db", { Online: false, LastSeen: "2026-01-31T10:00:00Z", Expired: true }),
    [`${KEY}3`]: peer("phone", { OS: "iOS" }),
    [`${KEY}4`]: peer("web", { DNSName: "web.other.ts.net.", OS: "freebsd" }),
    [`${KEY}5`]: peer("sharee", { ShareeNode: true, DNSName: "" }),
    [`${KEY}6`]: peer("x", { DNSName: "de-ber-wg-001.mullvad.ts.net." }),
    [`${KEY}7`]: peer("Old Box", { DNSName: "" }),
    [`${KEY}8`]: peer("nodns", { DNSName: "", Online: false }),
    [`${KEY}80`]: peer("nodns", { DNSName: "", TailscaleIPs: ["100.64.0.9"] }),
    [`${KEY}9`]: peer("odd", { OS: 'a"\n[hosts.injected]\u202e', Tags: ["tag:a b", "tag:ok"] }),
  },
  User: { 1: { LoginName: "anna@example.org" } },
};

Deno.test("--import tailscale makes hosts of peers, by name", async () => {
  const stdin = JSON.stringify(STATUS);
  const { status, stdout, stderr } = await runImportOf(["tailscale", "-"], { stdin });
  assert.equal(status, 0);
  assert.equal(
    stdout.slice(stdout.indexOf("\n[") + 1),
    `[hosts.nodns]
# linux, offline
ssh_host = "100.64.0.1"

[hosts.db]
# linux, offline since 2026-01-31, its key has expired
ssh_host = "db.tail1234.ts.net"

[hosts.odd]
# a" [hosts.injected], online
ssh_host = "odd.tail1234.ts.net"
tags = [ "ok" ]

[hosts."web.other.ts.net"]
# freebsd, online
ssh_host = "web.other.ts.net"

[hosts.web]
# linux, online
ssh_host = "web.tail1234.ts.net"
tags = [ "web", "prod" ]
`,
  );
  assert.ok(!stdout.includes("c4nary") && !stderr.join().includes("c4nary"));
  assert.match(stderr.join("\n"), /"Old Box": is left out: a host name holds/);
  assert.match(stderr.join("\n"), /"nodns": is left out: another host has the name/);
  assert.match(stderr.join("\n"), /"odd": is imported without the tag "a b", which no call could/);
  assert.equal((await checkText(stdout)).status, 0);
});

Deno.test("--import tailscale takes addresses where names are not in the DNS", async () => {
  const stdin = JSON.stringify({ ...STATUS, CurrentTailnet: { MagicDNSEnabled: false } });
  const { stdout } = await runImportOf(["tailscale", "-"], { stdin });
  assert.match(stdout, /\[hosts\.db\]\n.*\nssh_host = "100\.64\.0\.1"/);
});

Deno.test("--import tailscale takes a network without peers, and refuses another program's JSON", async () => {
  const none = await runImportOf(["tailscale", "-"], { stdin: '{"Self": {}, "Peer": null}' });
  assert.deepEqual(none, {
    status: 0,
    stdout: "",
    stderr: ["lmcp-hub: there are no hosts in <stdin>"],
  });
  const other = await runImportOf(["tailscale", "-"], { stdin: '{"all": {}}' });
  assert.deepEqual([other.status, other.stdout], [2, ""]);
  assert.match(other.stderr.join(), /^<stdin>: error: is not what tailscale status --json prints/);
});
