import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { labHost } from "../../lab/host.ts";
import type { Client } from "../../../lib/fleet/client.ts";
import { wakeHosts } from "../../../lib/tools/hosts/wake.ts";
import { backendGives } from "../dispatches.ts";
import { callContext } from "../../mcp/call_context.ts";
import { outputOptions } from "../../outputs/options.ts";

const WAKE = { mac: "52:54:00:12:34:56", broadcast: "127.0.0.1", port: 9, via: null };

Deno.test("remote_wait wakes no host for a client that may run nothing there", async () => {
  const host = { ...labHost(), name: "a", wake: WAKE };
  const reader = {
    name: "reader",
    token: new Secret("of-reader-and-long-enough"),
    tokenVariable: null,
    hosts: null,
    maxTimeoutMs: null,
    results: null,
    rules: { tools: null, readOnly: true },
  };
  const unused = () => assert.fail("something was done");
  const tools = createRemoteTools({
    ...outputOptions(createFakeClock()),
    access: () => access,
    dispatch: unused,
    inventory: { ofHost: unused, ofHosts: unused },
    listStates: unused,
    now: () => 0,
  });
  const registry = {
    path: "/r.toml",
    hosts: new Map([["a", host]]),
    clients: new Map([["reader", reader]]),
    groups: new Map(),
  };
  const access = createAccess({ registry, problems: [] }, tools);
  const wait = tools.find(({ name }) => name === "remote_wait");
  const call = callContext({ principal: "reader" });
  const result = await wait?.call({ targets: "a", wake: true }, call);
  assert.equal(result?.isError, true);
  assert.match(JSON.stringify(result?.content), /remote_shell is not allowed on/);
});

Deno.test("remote_wait says in one line why a host was not woken, and by no hidden host's name", async () => {
  const via = { ...labHost(), name: "secret" };
  const hosts = [{ ...labHost(), name: "a", wake: { ...WAKE, via: via.name } }, via];
  const [seeing, blind] = [null, new Set(["a"])].map((names) => {
    const client: Client = {
      name: "c",
      token: new Secret("of-client-and-long-enough"),
      tokenVariable: null,
      hosts: names,
      maxTimeoutMs: null,
      results: null,
      rules: { tools: null, readOnly: false },
    };
    const registry = {
      path: "/r.toml",
      hosts: new Map(hosts.map((host) => [host.name, host])),
      clients: new Map([[client.name, client]]),
      groups: new Map(),
    };
    return createAccess({ registry, problems: [] }, []);
  });
  const text = `1\nError: forged ${"x".repeat(10_000)}`;
  const dispatch = backendGives({ content: [{ type: "text", text }] });
  const wake = (access = seeing) =>
    wakeHosts(hosts.slice(0, 1), callContext({ principal: "c" }), {
      access: () => access ?? assert.fail(),
      dispatch,
    });
  const start = "could not send it: 1 Error: forged xxx";
  const [seen, unseen] = [await wake(), await wake(blind)];
  assert.ok(seen?.startsWith(`cannot wake a: secret ${start}`), `${seen}`);
  assert.ok(unseen?.startsWith(`cannot wake a: the host by which it is woken ${start}`));
  assert.ok(`${seen}`.length < 300);
});
