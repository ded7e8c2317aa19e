import assert from "node:assert/strict";
import type { Registry } from "../../../lib/fleet/host.ts";
import type { ConfirmRule } from "../../../lib/fleet/confirm.ts";
import { at } from "../../mcp/wire.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createTools } from "../tool_calls.ts";

function listed(confirm: readonly ConfirmRule[]): readonly string[] {
  const registry: Registry = {
    path: "/r",
    hosts: new Map(),
    clients: new Map(),
    groups: new Map(),
    ...(confirm.length > 0 && { confirm }),
  };
  return createAccess({ registry, problems: [] }, createTools()).toolsFor("default")
    .filter(({ inputSchema }) => at(inputSchema, "properties", "approval") !== undefined)
    .map(({ name }) => name);
}

const RULE: ConfirmRule = { tools: null, hosts: null, minHosts: 1, asked: "client" };

Deno.test("no tool has an argument for approvals where none is needed", () => {
  assert.deepEqual(listed([]), []);
});

Deno.test("tools have an argument for approvals where some calls need one", () => {
  const tools = new Set(["remote_read_file", "remote_run"]);
  assert.deepEqual(listed([{ ...RULE, tools }]), ["remote_run", "remote_read_file"]);
  assert.deepEqual(listed([RULE]), [
    "remote_shell",
    "remote_run",
    "remote_write_file",
    "remote_edit_file",
    "remote_shell_bg",
    "remote_kill",
    "remote_wait",
    "remote_copy",
    "remote_call_tool",
  ]);
});
