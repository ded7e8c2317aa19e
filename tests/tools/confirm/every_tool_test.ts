import assert from "node:assert/strict";
import type { ToolUse } from "../../../lib/calls/intent.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { TOOL_NAMES } from "../../../lib/fleet/rules.ts";
import type { JsonObject } from "../../../lib/mcp/message.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { labHost } from "../../lab/host.ts";
import { callContext } from "../../mcp/call_context.ts";
import { outputOptions } from "../../outputs/options.ts";
import { argumentsOf } from "../arguments.ts";
import { createFakeInventory } from "../backend/fake_inventory.ts";

const HOSTS: readonly Host[] = ["a", "b"].map((name) =>
  labHost({ name, lmcpUrl: "http://127.0.0.1:9/mcp", callTools: null })
);
const JOB_ID = "0123456789abcdef0123456789abcdef";

/** What a call of each tool is, and what it says that it will do. */
const CALLS: readonly (readonly [tool: string, args: JsonObject, uses: readonly ToolUse[]])[] = [
  ...[
    "remote_shell",
    "remote_write_file",
    "remote_edit_file",
    "remote_shell_bg",
    "remote_call_tool",
  ]
    .map((tool) => [tool, argumentsOf(tool, "a"), [use(tool, false, "a")]] as const),
  ...["remote_read_file", "remote_list_dir", "remote_search_files"]
    .map((tool) => [tool, argumentsOf(tool, "a"), [use(tool, true, "a")]] as const),
  ["remote_run", { targets: "@all", command: "id" }, [use("remote_run", false, "a", "b")]],
  ["remote_jobs", { targets: "@all" }, [use("remote_jobs", true, "a", "b")]],
  ["remote_output", { id: JOB_ID, host: "a" }, [use("remote_output", true, "a")]],
  ["remote_kill", { id: JOB_ID, host: "a" }, [use("remote_kill", false, "a")]],
  ["remote_tools", {}, [use("remote_tools", true, "a", "b")]],
  ["remote_tools", { host: "a" }, [use("remote_tools", true, "a")]],
  ["remote_wait", { targets: "@all" }, [use("remote_wait", true, "a", "b")]],
  ["remote_wait", { targets: "a", wake: true }, [
    use("remote_wait", false, "a"),
    use("remote_shell", false, "a"),
  ]],
  ["remote_copy", { from: "a:/x", to: "b:/x" }, [
    use("remote_copy", false, "a", "b"),
    use("remote_read_file", true, "a"),
    use("remote_write_file", false, "b"),
  ]],
];

function use(tool: string, readOnly: boolean, ...hosts: readonly string[]): ToolUse {
  return { tool, readOnly, hosts };
}

/** Whatever would reach a host is noted. */
function openTools() {
  const reached: string[] = [];
  const note = (what: string) => {
    reached.push(what);
    return Promise.resolve({ kind: "not_delivered", errors: [], fallbackReason: null } as const);
  };
  const registry = {
    path: "/r.toml",
    hosts: new Map(HOSTS.map((host) => [host.name, host])),
    clients: new Map(),
    groups: new Map(),
  };
  const inventory = createFakeInventory(({ name }) => {
    reached.push(name);
    return [{ name: "backup" }];
  });
  const tools = createRemoteTools({
    ...outputOptions(),
    access: () => access,
    dispatch: ({ name }) => note(name),
    beforeSend: (_call) => {
      reached.push("a line of the audit trail");
      return null;
    },
    inventory,
    listStates: (some) => {
      reached.push(...some.map(({ name }) => name));
      return Promise.resolve(new Map());
    },
    now: () => 0,
  });
  const access = createAccess({ registry, problems: [] }, tools);
  return { tools, reached };
}

for (const [name, args, uses] of CALLS) {
  Deno.test(`${name}(${Object.keys(args).join(", ")}) says what it will do, and does nothing before it may`, async () => {
    const { tools, reached } = openTools();
    const tool = tools.find((known) => known.name === name);
    const asked: unknown[] = [];
    const result = await tool?.call(args, {
      ...callContext({ principal: "default" }),
      confirm: (intent) => {
        asked.push(intent);
        return Promise.resolve("a person must allow it first");
      },
    });
    assert.deepEqual(asked, [{ uses }]);
    assert.equal(result?.isError, true);
    assert.deepEqual(reached, []);
  });
}

for (
  const [name, args] of [
    ["remote_run", { targets: "@all", command: "id" }],
    ["remote_copy", { from: "a:/x", to: "b:/x" }],
  ] as const
) {
  Deno.test(`a dry run of ${name} asks nobody`, async () => {
    const tool = openTools().tools.find((known) => known.name === name);
    await tool?.call({ ...args, dry_run: true }, {
      ...callContext({ principal: "default" }),
      confirm: () => assert.fail(),
    });
  });
}

Deno.test("each tool that reaches hosts, but the list of these, asks before", () => {
  const asking = new Set(CALLS.map(([name]) => name));
  assert.deepEqual(TOOL_NAMES.filter((name) => !asking.has(name)), ["remote_list_hosts"]);
});
