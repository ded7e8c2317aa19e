import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import type { Client } from "../../../lib/fleet/client.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import { ownerOf } from "../../../lib/hub/sharing/owner.ts";
import { labHost } from "../../lab/host.ts";

const ANN: Client = {
  name: "ann",
  token: new Secret("the-token-of-ann"),
  tokenVariable: null,
  hosts: new Set(["a", "b"]),
  rules: ALL_TOOLS,
  maxTimeoutMs: null,
  results: null,
};

function ownerIn(
  client: Client | null,
  { inbound = new Secret("the-token"), hosts = [] }: {
    readonly inbound?: Secret | null;
    readonly hosts?: readonly Host[];
  } = {},
): (principal: string) => string | null {
  const clients = new Map(client === null ? [] : [[client.name, client]]);
  const registry = {
    path: "",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients,
    groups: new Map(),
  };
  const state: Parameters<typeof ownerOf>[1] = {
    accepted: { inbound, clients, oauth: null },
    configuration: { registry },
  };
  return (principal) => ownerOf(principal, state);
}

Deno.test("ownerOf() is the same for the same rights, in whatever order they are written", () => {
  const owner = ownerIn(ANN)("ann");
  assert.match(owner ?? "", /^[\w-]{32}$/);
  assert.equal(ownerIn({ ...ANN, hosts: new Set(["b", "a"]) })("ann"), owner);
  assert.equal(ownerIn({ ...ANN, token: null, maxTimeoutMs: 5 })("ann"), owner);
});

Deno.test("ownerOf() is another for another name or other rights, and nobody's is that of an operator", () => {
  const owners = [
    ownerIn(ANN)("ann"),
    ownerIn({ ...ANN, name: "ben" })("ben"),
    ownerIn({ ...ANN, hosts: new Set(["a"]) })("ann"),
    ownerIn({ ...ANN, hosts: null })("ann"),
    ownerIn({ ...ANN, rules: { ...ALL_TOOLS, readOnly: true } })("ann"),
    ownerIn({ ...ANN, rules: { ...ALL_TOOLS, tools: new Set(["remote_shell"]) } })("ann"),
    ownerIn({ ...ANN, commands: new Set(["a"]) })("ann"),
    ownerIn(ANN)("default"),
    ownerIn(ANN)("anonymous"),
    ownerIn(ANN)("stdio"),
  ];
  assert.equal(new Set(owners).size, owners.length);
  assert.ok(!owners.includes(null));
});

Deno.test("ownerOf() is nobody for whoever is not accepted any more", () => {
  assert.equal(ownerIn(null)("ann"), null);
  assert.equal(ownerIn(ANN, { inbound: null })("default"), null);
});

Deno.test("ownerOf() does not change with the hosts that announce themselves", () => {
  const found: Host = { ...labHost({ name: "laptop" }), isDiscovered: true };
  const seeing = { ...ANN, hosts: new Set(["a", "b", "laptop"]) };
  assert.equal(ownerIn(seeing, { hosts: [found] })("ann"), ownerIn(ANN)("ann"));
  const named = labHost({ name: "laptop" });
  assert.notEqual(ownerIn(seeing, { hosts: [named] })("ann"), ownerIn(ANN)("ann"));
});
