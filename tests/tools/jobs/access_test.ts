import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import { ALL_TOOLS, type ToolName, type ToolRules } from "../../../lib/fleet/rules.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { labHost } from "../../lab/host.ts";
import { callContext } from "../../mcp/call_context.ts";
import { outputOptions } from "../../outputs/options.ts";
import { createFakeInventory } from "../backend/fake_inventory.ts";

const JOB = { host: "tesla", id: "0123456789abcdef" };

/** What becomes of a tool for jobs: it reaches the host (+), is denied (-), or does not exist (.). */
async function judge(
  name: ToolName,
  { client, host }: { readonly client: Partial<ToolRules>; readonly host: Partial<ToolRules> },
): Promise<string> {
  let reached = 0;
  const dispatch: Dispatch = () => {
    reached++;
    return Promise.resolve({ kind: "not_delivered", errors: [], fallbackReason: null });
  };
  const tesla = labHost({ name: "tesla", rules: { ...ALL_TOOLS, ...host } });
  const ann = {
    name: "ann",
    token: new Secret("ann"),
    tokenVariable: null,
    hosts: null,
    maxTimeoutMs: null,
    results: null,
    rules: { ...ALL_TOOLS, ...client },
  };
  const registry = {
    path: "/r.toml",
    hosts: new Map([["tesla", tesla]]),
    clients: new Map([["ann", ann]]),
    groups: new Map(),
  };
  const tools = createRemoteTools({
    ...outputOptions(),
    access: () => access,
    dispatch,
    inventory: createFakeInventory(),
    listStates: () => Promise.resolve(new Map()),
    now: () => 0,
  });
  const access = createAccess({ registry, problems: [] }, tools);
  const tool = access.toolsFor("ann").find((known) => known.name === name);
  if (tool === undefined) return ".";
  const args = name === "remote_jobs" ? {} : JOB;
  const { content: [first] } = await tool.call(args, callContext({ principal: "ann" }));
  if (reached > 0) return "+";
  assert.ok(first?.type === "text");
  assert.match(first.text, /not allowed/);
  return "-";
}

const COLUMNS = ["remote_jobs", "remote_output", "remote_kill"] as const;
const tools = (...names: readonly ToolName[]) => ({ tools: new Set(names) });
const READ_ONLY = { readOnly: true };

for (
  const [what, rules, expected] of [
    ["no rules", { client: {}, host: {} }, "+++"],
    ["a client that only reads", { client: READ_ONLY, host: {} }, "++."],
    ["a host where all only read", { client: {}, host: READ_ONLY }, "++-"],
    // It reads its own late answers by the second tool, and nothing of the host's.
    ["a client with a shell", { client: tools("remote_shell"), host: {} }, ".-."],
    ["a host with a shell", { client: {}, host: tools("remote_shell") }, "---"],
    ["a client that may read jobs", { client: tools("remote_output"), host: {} }, ".+."],
    ["a host whose jobs may be read", { client: {}, host: tools("remote_output") }, "-+-"],
    ["a client that may end jobs", { client: tools("remote_kill"), host: {} }, ".-+"],
    ["a client without tools", { client: tools(), host: {} }, "..."],
    ["a host without tools", { client: {}, host: tools() }, "---"],
  ] as const
) {
  Deno.test(`with ${what}, the tools for jobs are ${expected}`, async () => {
    const verdicts = await Promise.all(COLUMNS.map((name) => judge(name, rules)));
    assert.equal(verdicts.join(""), expected);
  });
}
