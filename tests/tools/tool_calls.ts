import assert from "node:assert/strict";
import { z } from "zod";
import type { Clock } from "../../lib/base/time/clock.ts";
import type { Dispatch } from "../../lib/fleet/dispatch.ts";
import type { HostState } from "../../lib/fleet/health.ts";
import type { Host, Registry } from "../../lib/fleet/host.ts";
import type { Inventory } from "../../lib/fleet/inventory.ts";
import { isJsonObject, type JsonObject } from "../../lib/mcp/message.ts";
import type { CallContext, CallToolResult, Tool } from "../../lib/mcp/tool.ts";
import { createAccess } from "../../lib/tools/access.ts";
import { createRemoteTools } from "../../lib/tools/catalog.ts";
import { callContext } from "../mcp/call_context.ts";
import { sshHost } from "../fleet/ssh/target.ts";
import { createFakeInventory } from "./backend/fake_inventory.ts";
import { outputOptions } from "../outputs/options.ts";

/** A tool's answer, as tests look at it. */
export interface ToolAnswer {
  /** The text of the first content block. */
  readonly text: string;
  readonly content: CallToolResult["content"];
  readonly isError: boolean;
  readonly structured: Readonly<Record<string, unknown>>;
}

/** Calls a remote tool, and holds every answer against its `outputSchema`. */
export type CallRemote = (
  tool: string,
  args?: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
  reportProgress?: CallContext["reportProgress"],
) => Promise<ToolAnswer>;

/** What the tools under test stand on. */
export interface ToolWorld {
  readonly dispatch?: Dispatch;
  /** Default: hosts without tools of their own. */
  readonly inventory?: Inventory;
  /** Default: a host `target` with both transports. */
  readonly hosts?: readonly Host[];
  readonly states?: ReadonlyMap<Host, HostState>;
  /** Default: one that stands still. */
  readonly clock?: Clock;
}

/** A host that has a backend and ssh. */
export const TARGET: Host = { ...sshHost(), lmcpUrl: "http://127.0.0.1:9/mcp" };

/** The hub's tools, callable. */
export function createCaller(world: ToolWorld): CallRemote {
  const tools = createTools(world);
  return async (name, args = {}, signal = new AbortController().signal, reportProgress = null) => {
    const tool = tools.find((candidate) => candidate.name === name);
    assert.ok(tool !== undefined, name);
    const result = await tool.call(
      args,
      callContext({ signal, principal: "default", reportProgress }),
    );
    return { ...readAnswer(result), structured: checkStructure(tool, result) };
  };
}

/** The tools themselves. */
export function createTools(
  { dispatch, inventory, hosts = [TARGET], states = new Map(), clock }: ToolWorld = {},
): readonly Tool[] {
  const registry: Registry = {
    path: "/etc/hosts.conf",
    hosts: new Map(hosts.map((host) => [host.name, host])),
    clients: new Map(),
    groups: new Map(),
  };
  const tools: readonly Tool[] = createRemoteTools({
    ...outputOptions(clock),
    access: () => createAccess({ registry, problems: [] }, tools),
    dispatch: dispatch ?? (() => Promise.reject(new Error("Nothing was to be dispatched"))),
    inventory: inventory ?? createFakeInventory(),
    listStates: () => Promise.resolve(states),
    now: () => 0,
  });
  return tools;
}

function readAnswer(result: CallToolResult) {
  const [first] = result.content;
  assert.equal(first?.type, "text");
  return { text: first.text, content: result.content, isError: result.isError === true };
}

/** `structuredContent` must fit its schema; only an answer about bad arguments may be without. */
function checkStructure(tool: Tool, result: CallToolResult): Record<string, unknown> {
  if (result.structuredContent === undefined) {
    assert.equal(result.isError, true);
    return {};
  }
  assert.ok(tool.outputSchema !== undefined);
  const schema = z.fromJSONSchema(z.record(z.string(), z.json()).parse(closed(tool.outputSchema)));
  schema.parse(result.structuredContent);
  KNOWN_VALUES.parse(result.structuredContent);
  return result.structuredContent;
}

/** The output schemas leave room for more than this hub answers. */
const KNOWN_VALUES = z.looseObject({
  outcome: z.enum(["ok", "failed", "not_delivered", "unknown"]).optional(),
  via: z.enum(["lmcp", "ssh"]).nullish(),
  hosts: z.array(z.looseObject({
    via: z.enum(["lmcp", "ssh"]).nullable(),
    paths: z.array(z.enum(["lmcp", "ssh"])),
  })).optional(),
});

/** The schema without fields that it does not name. */
function closed(schema: JsonObject): JsonObject {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(isJsonObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, part]) => [
          name,
          isJsonObject(part) ? closed(part) : part,
        ]),
      ),
      additionalProperties: false,
    }),
    ...(isJsonObject(items) && { items: closed(items) }),
  };
}
