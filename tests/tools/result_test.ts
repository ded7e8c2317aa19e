import assert from "node:assert/strict";
import type { Dispatch, Dispatched } from "../../lib/fleet/dispatch.ts";
import type { DeliveryOutcome } from "../../lib/calls/record.ts";
import { TOOL_NAMES } from "../../lib/fleet/rules.ts";
import { backendGives, errorsOf, outputOf, sshGives } from "./dispatches.ts";
import { argumentsOf } from "./arguments.ts";
import { createFakeInventory } from "./backend/fake_inventory.ts";
import { createCaller, TARGET } from "./tool_calls.ts";

function ssh(exitCode: number, ended: "itself" | "timeout"): Dispatch {
  return sshGives({ exitCode, ended, output: outputOf("said\n") }, "http 404: ");
}

function gives(dispatched: Dispatched): Dispatch {
  return () => Promise.resolve(dispatched);
}

const LOST_OVER_SSH = gives({
  kind: "unknown",
  via: "ssh",
  errors: errorsOf({ lmcp: "a", ssh: "b" }),
  fallbackReason: "a",
  output: outputOf("part").text(),
});

const text = { type: "text", text: "said\n" };
const DISPATCHES: readonly (readonly [string, Dispatch, DeliveryOutcome, "lmcp" | "ssh" | null])[] =
  [
    ["a backend's answer", backendGives({ content: [text] }), "ok", "lmcp"],
    ["a backend's error", backendGives({ content: [text], isError: true }), "failed", "lmcp"],
    [
      "a backend's structured answer",
      backendGives({ content: [text], structuredContent: { exit_code: 1, odd: [] } }),
      "ok",
      "lmcp",
    ],
    ["a backend's nonsense", backendGives({ content: 5, isError: "no" }), "ok", "lmcp"],
    ["a script's success", ssh(0, "itself"), "ok", "ssh"],
    [
      "no delivery",
      gives({
        kind: "not_delivered",
        errors: errorsOf({ lmcp: "a", ssh: "b" }),
        fallbackReason: "a",
      }),
      "not_delivered",
      null,
    ],
    [
      "an unknown outcome over lmcp",
      gives({
        kind: "unknown",
        via: "lmcp",
        errors: errorsOf({ lmcp: "a" }),
        fallbackReason: null,
        output: null,
      }),
      "unknown",
      "lmcp",
    ],
    ["an unknown outcome over ssh", LOST_OVER_SSH, "unknown", "ssh"],
  ];

/** Those that no script does, or whose script says more than that it succeeded. */
const WITHOUT_PLAIN_SCRIPT: readonly string[] = [
  "remote_edit_file",
  "remote_shell_bg",
  "remote_call_tool",
];
const inventory = createFakeInventory(() => [{ name: "backup" }]);

/** Those that are about no host, or about several: they have no `outcome` of their own. */
const WITHOUT_DISPATCH: readonly string[] = [
  "remote_list_hosts",
  "remote_run",
  "remote_jobs",
  "remote_output",
  "remote_kill",
  "remote_wait",
  "remote_copy",
  "remote_tools",
];
const DISPATCHED = TOOL_NAMES.filter((name) => !WITHOUT_DISPATCH.includes(name));
for (const tool of DISPATCHED) {
  for (const [what, dispatch, outcome, via] of DISPATCHES) {
    if (what === "a script's success" && WITHOUT_PLAIN_SCRIPT.includes(tool)) continue;
    Deno.test(`${tool} reports ${what} as its outputSchema says`, async () => {
      const call = createCaller({ dispatch, inventory, hosts: [{ ...TARGET, callTools: null }] });
      const { structured, isError } = await call(tool, argumentsOf(tool, TARGET.name));
      assert.deepEqual([structured.outcome, structured.via], [outcome, via]);
      assert.equal(isError, outcome !== "ok");
      assert.equal(structured.error !== null, isError);
    });
  }
}

for (const tool of ["remote_read_file", "remote_list_dir", "remote_search_files"]) {
  Deno.test(`${tool} reports a script that timed out as failed`, async () => {
    const call = createCaller({ dispatch: ssh(143, "timeout") });
    const { text, structured } = await call(tool, argumentsOf(tool, TARGET.name));
    assert.match(text, /^Error: lmcp: http 404: {2}\| ssh: (cat|ls|find) timed out: said\n$/);
    assert.deepEqual([structured.outcome, structured.text], ["failed", null]);
  });
}

Deno.test("remote_shell passes on a backend's own fields of a command, and no others", async () => {
  const own = { exit_code: 7, stdout: "o", stderr: "e", truncated: true, timed_out: true };
  const result = { content: [{ type: "text", text: "x" }], structuredContent: { ...own, pid: 9 } };
  const call = createCaller({ dispatch: backendGives(result) });
  const { structured } = await call("remote_shell", argumentsOf("remote_shell", TARGET.name));
  const { exit_code, stdout, stderr, truncated, timed_out } = structured;
  assert.deepEqual({ exit_code, stdout, stderr, truncated, timed_out }, own);
  assert.equal("pid" in structured, false);
});

Deno.test("remote_shell keeps the output that came before contact was lost", async () => {
  const call = createCaller({ dispatch: LOST_OVER_SSH });
  const { structured } = await call("remote_shell", argumentsOf("remote_shell", TARGET.name));
  assert.deepEqual([structured.stdout, structured.exit_code], ["part", null]);
});

Deno.test("every content block of a backend is passed on, the first with the prefix", async () => {
  const image = { type: "image", data: "AAAA", mimeType: "image/png" };
  const result = { content: [text, image, { type: "new kind", x: 1 }], isError: true };
  const call = createCaller({ dispatch: backendGives(result) });
  const { content } = await call("remote_shell", argumentsOf("remote_shell", TARGET.name));
  assert.deepEqual(content, [{ type: "text", text: "[lmcp isError] said\n" }, image, {
    type: "new kind",
    x: 1,
  }]);
});

Deno.test("arguments that a schema does not name reach the backend, and host does not", async () => {
  const seen: unknown[] = [];
  const call = createCaller({
    dispatch: (host, work) => {
      seen.push(host.name, work.args);
      return Promise.resolve({ kind: "not_delivered", errors: [], fallbackReason: null });
    },
  });
  await call("remote_shell", { host: TARGET.name, command: "c", niceness: 3 });
  assert.deepEqual(seen, [TARGET.name, { command: "c", niceness: 3 }]);
});
