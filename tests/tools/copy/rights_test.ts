import assert from "node:assert/strict";
import { Secret } from "../../../lib/base/secret.ts";
import type { Client } from "../../../lib/fleet/client.ts";
import type { Dispatch } from "../../../lib/fleet/dispatch.ts";
import { ALL_TOOLS, type ToolRules } from "../../../lib/fleet/rules.ts";
import type { Tool } from "../../../lib/mcp/tool.ts";
import { createAccess } from "../../../lib/tools/access.ts";
import { createRemoteTools } from "../../../lib/tools/catalog.ts";
import { createFakeClock } from "../../base/time/fake_clock.ts";
import { labHost } from "../../lab/host.ts";
import { callContext } from "../../mcp/call_context.ts";
import { callRecord } from "../../calls/record.ts";
import { outputOptions } from "../../outputs/options.ts";
import { type RunAnswer, toAnswer } from "../run/lab.ts";

const only = (...tools: string[]): ToolRules => ({ tools: new Set(tools), readOnly: false });
const READ_ONLY: ToolRules = { tools: null, readOnly: true };

interface Rights {
  readonly ann?: ToolRules;
  readonly hosts?: ReadonlySet<string> | null;
  readonly src?: ToolRules;
  readonly web2?: ToolRules;
}

/** Copies from `src` to `web1` and `web2` as a client; all that is sent to hosts fails, and is noted. */
async function copyAs(
  { ann = ALL_TOOLS, hosts = null, src = ALL_TOOLS, web2 = ALL_TOOLS }: Rights,
  args: Record<string, unknown> = { from: "src:/etc/motd", to: "web[1-2]:/tmp/motd" },
): Promise<RunAnswer & { readonly sent: readonly string[]; readonly isKnown: boolean }> {
  const sent: string[] = [];
  const dispatch: Dispatch = (host, { tool, args }) => {
    sent.push(`${host.name} ${tool} ${args.op}`);
    return Promise.resolve({
      kind: "ran",
      via: "lmcp",
      reply: { text: "Error: no", failure: "no", structured: null },
      exitCode: null,
      errors: [],
      fallbackReason: null,
    });
  };
  const client: Client = {
    name: "ann",
    token: new Secret("of-ann-and-long-enough"),
    tokenVariable: null,
    hosts,
    maxTimeoutMs: null,
    results: null,
    rules: ann,
  };
  const registry = {
    path: "/r.toml",
    hosts: new Map([
      ["src", labHost({ name: "src", rules: src })],
      ["web1", labHost({ name: "web1" })],
      ["web2", labHost({ name: "web2", rules: web2 })],
    ]),
    groups: new Map(),
    clients: new Map([["ann", client]]),
  };
  const tools: readonly Tool[] = createRemoteTools({
    ...outputOptions(createFakeClock()),
    access: () => access,
    dispatch,
    inventory: { ofHost: () => assert.fail(), ofHosts: () => assert.fail() },
    listStates: () => Promise.resolve(new Map()),
    now: () => 0,
  });
  const access = createAccess({ registry, problems: [] }, tools);
  const tool = tools.find(({ name }) => name === "remote_copy");
  assert.ok(tool !== undefined);
  const record = callRecord({ tool: "remote_copy", args, deliveries: [] });
  const result = await tool.call(args, callContext({ principal: "ann", record }));
  const isKnown = access.toolsFor("ann").includes(tool);
  return { ...toAnswer(result, record), sent, isKnown };
}

const REFUSED: readonly (readonly [string, Rights, RegExp])[] = [
  [
    "may not read files at all",
    { ann: only("remote_copy", "remote_write_file") },
    /remote_read_file is not allowed on "src"/,
  ],
  [
    "may not write files at all",
    { ann: only("remote_copy", "remote_read_file") },
    /remote_write_file is not allowed on "web1"/,
  ],
  [
    "may not read at the source",
    { src: only("remote_shell") },
    /remote_read_file is not allowed on "src"/,
  ],
  [
    "may not write at one target",
    { web2: only("remote_copy") },
    /remote_write_file is not allowed on "web2"/,
  ],
  [
    "may not copy to one target",
    { web2: only("remote_write_file") },
    /remote_copy is not allowed on "web2"/,
  ],
  ["may only read at one target", { web2: READ_ONLY }, /remote_copy is not allowed on "web2"/],
  ["may not see the source", { hosts: new Set(["web1", "web2"]) }, /unknown host "src"/],
  ["may not see one target", { hosts: new Set(["src", "web1"]) }, /unknown host "web2"/],
];

for (const [who, rights, reason] of REFUSED) {
  Deno.test(`remote_copy is refused before anything is sent to whoever ${who}`, async () => {
    const { text, isError, sent, record } = await copyAs(rights);
    assert.equal(isError, true);
    assert.match(text, reason);
    assert.deepEqual(sent, []);
    assert.deepEqual(record.deliveries, []);
  });
}

Deno.test("remote_copy does not exist for a client that may only read", async () => {
  assert.equal((await copyAs({ ann: READ_ONLY })).isKnown, false);
  assert.equal((await copyAs({})).isKnown, true);
});

Deno.test("remote_copy reads at a source where only reading is allowed", async () => {
  for (const src of [only("remote_read_file"), READ_ONLY]) {
    const { text, sent } = await copyAs({ src });
    assert.equal(text, "Error: nothing was copied: no");
    assert.deepEqual(sent, ["src copy_read look"]);
  }
});

for (
  const [args, reason] of [
    [{ from: "src", to: "web1:/x" }, /bad `from` parameter: write host:path/],
    [{ from: "src:/x", to: ":/x" }, /bad `to` parameter: write targets:path/],
    [{ from: "src:/x", to: "web1:" }, /bad `to` parameter: write targets:path/],
    [{ from: "src:/", to: "web1:/x/" }, /the source has no name/],
    [{ from: "src:~", to: "web1:/x/" }, /the source has no name/],
    [{ from: "web*:/x", to: "web1:/x" }, /unknown host/],
    [{ from: "src:/x", to: "nobody:/x" }, /unknown host "nobody"/],
  ] as const
) {
  Deno.test(`remote_copy refuses ${JSON.stringify(args)}`, async () => {
    const { text, isError, sent } = await copyAs({}, args);
    assert.equal(isError, true);
    assert.match(text, reason);
    assert.deepEqual(sent, []);
  });
}
