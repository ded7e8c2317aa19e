import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import type { Client } from "../../../lib/fleet/client.ts";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import type { Host, Registry } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import type { CallContext, Tool } from "../../../lib/mcp/tool.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { limitTimeout } from "../../../lib/tools/limit_timeout.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { callRecord } from "../../calls/record.ts";
import { parse } from "../../config/registry/commands/parse.ts";
import { labHost } from "../../lab/host.ts";
import { callContext } from "../../mcp/call_context.ts";
import { outputOptions } from "../../outputs/options.ts";
import { createFakeInventory, type FakeInventory } from "../backend/fake_inventory.ts";
import { toAnswer } from "../run/lab.ts";

/** The hosts of these tests. */
export const HOSTS: readonly Host[] = ["web1", "web2", "db1"].map((name) =>
  labHost({ name, lmcpUrl: "http://127.0.0.1:9/mcp" })
);

/** A client, with everything that its parts do not take away. */
export function client(name: string, parts: Partial<Client> = {}): Client {
  return {
    name,
    token: new Secret(`of-${name}-and-long-enough`),
    tokenVariable: null,
    hosts: null,
    maxTimeoutMs: null,
    results: null,
    rules: ALL_TOOLS,
    ...parts,
  };
}

/** The commands that a registry's text has. */
export async function commandsOf(text: string): Promise<NonNullable<Registry["commands"]>> {
  const hosts = HOSTS.map(({ name }) => `[hosts.${name}]\nssh_host = "${name}"\n`).join("");
  const { registry, problems } = await parse(hosts + text);
  assert.deepEqual(problems, []);
  return registry.commands ?? new Map();
}

/** What the tools of these tests stand on. */
export interface WorldOptions {
  readonly commands: Registry["commands"];
  readonly clients?: readonly Client[];
  readonly hosts?: readonly Host[];
  /** Called when something has been sent to a host. */
  readonly onSent?: () => void;
}

/** A command that was sent to a host. */
export interface Sent {
  readonly host: string;
  readonly args: unknown;
}

/** The real tools over a dispatcher that notes what reaches which host. */
export function openWorld({ commands, clients = [], hosts = HOSTS, onSent }: WorldOptions) {
  const sent: Sent[] = [];
  const dispatch: Dispatch = ({ name }, { args }) => {
    sent.push({ host: name, args });
    onSent?.();
    const structured = { exit_code: 0, stdout: "", stderr: "", truncated: false, timed_out: false };
    const reply = { text: "", failure: null, structured };
    const how = { via: "lmcp", errors: [], fallbackReason: null } as const;
    return Promise.resolve({ kind: "ran", reply, exitCode: 0, ...how });
  };
  const inventory: FakeInventory = createFakeInventory(() => [{ name: "backup" }]);
  let registry: Registry = {
    path: "/r.toml",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients: new Map(clients.map((client) => [client.name, client])),
    groups: new Map(),
    ...(commands && { commands }),
  };
  const tools: readonly Tool[] = createRemoteTools({
    ...outputOptions(createFakeClock()),
    access: () => access,
    dispatch,
    inventory,
    listStates: () => Promise.resolve(new Map()),
    now: () => 0,
  }).map((tool) =>
    limitTimeout(tool, (principal) => registry.clients.get(principal)?.maxTimeoutMs ?? null)
  );
  let access = createAccess({ registry, problems: [] }, tools);
  return {
    sent,
    tools,
    asked: inventory.asked,
    access: () => access,
    change: (parts: Partial<Registry>) => {
      registry = { ...registry, ...parts };
      access = createAccess({ registry, problems: [] }, tools);
    },
    /** Calls a tool as the server does. */
    call: async (
      principal: string,
      name: string,
      args: JsonObject,
      parts: Partial<CallContext> = {},
    ) => {
      const tool = access.toolsFor(principal).find((known) => known.name === name);
      assert.ok(tool !== undefined, name);
      const record = callRecord({ tool: name, args, deliveries: [] });
      return toAnswer(await tool.call(args, callContext({ principal, record, ...parts })), record);
    },
  };
}
