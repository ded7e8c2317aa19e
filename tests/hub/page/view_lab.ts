import assert from "node:assert/strict";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { CallRecord } from "../../../lib/calls/record.ts";
import { parseCommand } from "../../../lib/cli/command.ts";
import { loadConfiguration, type LoadContext } from "../../../lib/config/load.ts";
import { claimantOf } from "../../../lib/fleet/claimant.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import type { Ssh } from "../../../lib/fleet/ssh/client.ts";
import { createLiveState } from "../../../lib/hub/live.ts";
import { createOpenView } from "../../../lib/hub/page/open_view.ts";
import { type Recording, startRecording } from "../../../lib/hub/page/recording.ts";
import { createCallTool } from "../../../lib/hub/page/actions/call_tool.ts";
import { createWatchers } from "../../../lib/hub/page/watching/watchers.ts";
import type { HubState } from "../../../lib/hub/state.ts";
import type { FleetView } from "../../../lib/http/pages/fleet/view.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createServer, type McpServer } from "../../../lib/mcp/server.ts";
import type { Caller } from "../../../lib/mcp/call.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { hideSecrets } from "../../../lib/tools/hide_secrets.ts";
import { createFakeClock, type FakeClock } from "../../base/time/fake_clock.ts";
import { fakeSources } from "../../config/fake_sources.ts";
import { type LabHub, openHub } from "../../lab/hub.ts";
import { modernRequest } from "../../mcp/wire.ts";
import { outputOptions } from "../../outputs/options.ts";

/** The hub's own token, which the page must never show. */
export const INBOUND = "inbound-canary-token";

/** Options of `openViewLab()`. */
export interface ViewLabOptions {
  /** In TOML. */
  readonly registry: string;
  /** Default: a fake that runs everything. */
  readonly ssh?: Ssh;
}

/** The views of a hub over the laboratory, put together as the hub does it. */
export interface ViewLab extends AsyncDisposable {
  readonly open: (principal: string) => FleetView;
  /** For what the page waits for, and for all that it remembers. */
  readonly clock: FakeClock;
  readonly hub: LabHub;
  readonly server: McpServer;
  readonly recording: Recording;
  readonly state: () => HubState;
  /** The records of all calls that have ended. */
  readonly records: readonly CallRecord[];
  /** Names of the hosts that were probed in the background. */
  readonly probed: readonly string[];
  /** Calls a tool as a client does; its JSON-RPC answer. */
  readonly call: (principal: string, tool: string, args: JsonObject) => Promise<unknown>;
  /** Those of the registry. */
  readonly hosts: () => readonly Host[];
  /** Probes all of them. */
  readonly probeAll: () => Promise<void>;
  /** Puts another registry in place. */
  readonly reload: (registry: string) => Promise<void>;
}

/** Opens views, with an inbound token. */
export async function openViewLab({ registry, ssh }: ViewLabOptions): Promise<ViewLab> {
  const clock = createFakeClock();
  const files: Record<string, string> = { "/r.toml": registry };
  const env = { LMCP_HUB_BACKENDS: "/r.toml", LMCP_TOKEN: INBOUND };
  const sources = fakeSources({ env, files });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const load = (context: Partial<LoadContext>) =>
    loadConfiguration("serve", command.flags, sources, context);
  const { configuration, problems } = await load({});
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
  const recording = startRecording({ state: () => live.current(), clock });
  const hub = openHub({
    hosts: [],
    clock,
    onState: recording.onState,
    maxReadBytes: 1024 * 1024 * 1024,
    ...(ssh && { ssh }),
  });
  const tools = createRemoteTools({
    access: () => live.current().access,
    dispatch: hub.dispatch,
    inventory: hub.inventory,
    listStates: hub.prober.listStates,
    now: systemClock.now,
    ...outputOptions(systemClock),
  }).map((tool) => hideSecrets(tool, (text) => live.current().redact(text)));
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  const { onReload, onGone } = recording;
  const live = createLiveState(configuration, { load, log, tools, onReload, onGone });
  const records: CallRecord[] = [];
  const server = createServer({
    name: "hub",
    version: "1",
    tools: (principal) => live.current().access.toolsFor(principal),
    log() {},
    onCall: (record) => {
      records.push(record);
      recording.onCall(record);
    },
    claimantOf,
  });
  const probed: string[] = [];
  const { history, changes } = recording;
  const parts = { state: live.current, linkTo: hub.linkTo, history, calls: server.calls };
  const watchers = createWatchers({
    ...parts,
    changes,
    probe: (host) => {
      probed.push(host.name);
      return hub.prober.probe(host);
    },
    clock,
    log,
  });
  const open = createOpenView({
    ...parts,
    version: changes.version,
    watchers,
    callTool: createCallTool({ server, state: live.current }),
    clock,
    log,
  });
  const hosts = () => [...live.current().configuration.registry.hosts.values()];
  return {
    open,
    clock,
    hub,
    server,
    recording,
    state: live.current,
    records,
    probed,
    hosts,
    call: (principal, tool, args) => callAs(server, principal, { name: tool, arguments: args }),
    probeAll: async () => void await hub.prober.listStates(hosts(), { force: true }),
    reload: async (registry) => {
      files["/r.toml"] = registry;
      await live.reload();
    },
    [Symbol.asyncDispose]: async () => {
      watchers[Symbol.dispose]();
      await server.close(AbortSignal.abort());
      await hub[Symbol.asyncDispose]();
    },
  };
}

async function callAs(
  server: McpServer,
  principal: string,
  params: JsonObject,
): Promise<unknown> {
  const caller: Caller = {
    principal,
    results: "structured",
    channel: { kind: "pipe", id: "client" },
    gone: new AbortController().signal,
    notify() {},
  };
  const message = modernRequest(1, "tools/call", params);
  const answer = await server.handle(JSON.stringify(message), caller);
  answer?.release();
  answer?.leave();
  return answer === null ? null : JSON.parse(answer.text);
}

/** A host of the registry, in TOML. */
export function hostTable(name: string, fields: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[hosts.${name}]\n${lines.join("\n")}\n`;
}

/** A client of the registry, in TOML. */
export function clientTable(name: string, fields: Readonly<Record<string, unknown>>): string {
  const token = `token-of-${name}-canary`;
  return hostTable(name, { token, ...fields }).replace("[hosts.", "[clients.");
}
