import assert from "node:assert/strict";
import type { Dispatch } from "../../lib/fleet/dispatch.ts";
import type { Via } from "../../lib/fleet/transport.ts";
import { backendGives, errorsOf, outputOf, sshGives } from "./dispatches.ts";
import { argumentsOf } from "./arguments.ts";
import { createCaller, TARGET } from "./tool_calls.ts";

/** What this hub says beyond the Lua hub. */
const NOT_RUN = "\nIt did not run.";

const REFUSED = "connect: connection refused";

function ran(exitCode: number, stdout: string): Dispatch {
  return sshGives({ exitCode, ended: "itself", output: outputOf(stdout) }, REFUSED);
}

function complained(exitCode: number, stderr: string): Dispatch {
  return sshGives({ exitCode, ended: "itself", output: outputOf(stderr, "stderr") }, REFUSED);
}

function refused(reasons: Partial<Record<Via, string>>): Dispatch {
  const errors = errorsOf(reasons);
  return () => Promise.resolve({ kind: "not_delivered", errors, fallbackReason: null });
}

/** What the Lua hub answered, recorded from `hub.lua` 0.5.2 with the same hosts and calls. */
const TEXTS: readonly (readonly [string, string, Dispatch, string])[] = [
  [
    "remote_shell",
    "a backend's text",
    backendGives({ content: [{ type: "text", text: "hi\n" }] }),
    "hi\n",
  ],
  [
    "remote_shell",
    "a backend's first text of several",
    backendGives({ content: [{ type: "text", text: "one" }, { type: "text", text: "two" }] }),
    "one",
  ],
  [
    "remote_edit_file",
    "a backend's error",
    backendGives({ content: [{ type: "text", text: "no match" }], isError: true }),
    "[lmcp isError] no match",
  ],
  [
    "remote_shell",
    "a backend's text without type",
    backendGives({ content: [{ text: "no type" }] }),
    "no type",
  ],
  [
    "remote_shell",
    "a backend's text that is a number",
    backendGives({ content: [{ type: "text", text: 5.5 }] }),
    "5.5",
  ],
  [
    "remote_shell",
    "a backend's result without content",
    backendGives({ answer: 42 }),
    '{"answer":42}',
  ],
  [
    "remote_shell",
    "a command over ssh",
    ran(3, "hi\ner\n"),
    "[via ssh fallback]\n[rc=3]\nhi\ner\n",
  ],
  ["remote_shell", "a silent command over ssh", ran(0, ""), "[via ssh fallback]\n[rc=0]\n"],
  ["remote_read_file", "a file over ssh", ran(0, "hello"), "[via ssh fallback]\nhello"],
  [
    "remote_read_file",
    "a missing file over ssh",
    complained(1, "cat: /x: No such file or directory\n"),
    `Error: lmcp: ${REFUSED} | ssh: cat exit 1: cat: /x: No such file or directory\n`,
  ],
  [
    "remote_write_file",
    "a written file over ssh, counted in bytes",
    ran(0, ""),
    "[via ssh fallback]\nWritten 5 bytes to /x (via ssh)",
  ],
  [
    "remote_write_file",
    "a file that cannot be written over ssh",
    complained(1, "e".repeat(300)),
    `Error: lmcp: ${REFUSED} | ssh: write exit 1: ${"e".repeat(200)}`,
  ],
  [
    "remote_list_dir",
    "a directory over ssh",
    ran(0, "directory\0/x/a\0/x/b\0"),
    "[via ssh fallback]\na\nb\n",
  ],
  [
    "remote_list_dir",
    "a missing directory over ssh",
    complained(2, "ls: cannot access '/x'\n"),
    `Error: lmcp: ${REFUSED} | ssh: ls exit 2: ls: cannot access '/x'\n`,
  ],
  ["remote_search_files", "matches over ssh", ran(0, "/a/x\0"), "[via ssh fallback]\n/a/x\n"],
  ["remote_search_files", "no matches over ssh", ran(0, ""), "[via ssh fallback]\n"],
  [
    "remote_shell",
    "a host without ssh",
    refused({ lmcp: REFUSED, ssh: "no host configured" }),
    `Error: lmcp: ${REFUSED} | ssh: no host configured${NOT_RUN}`,
  ],
  [
    "remote_edit_file",
    "a tool without ssh",
    refused({ lmcp: "http 503: " }),
    `Error: lmcp: http 503: ${NOT_RUN}`,
  ],
  [
    "remote_shell",
    "a host that nothing reaches",
    refused({ lmcp: "no url configured", ssh: "ssh connect failed: no route" }),
    `Error: lmcp: no url configured | ssh: ssh connect failed: no route${NOT_RUN}`,
  ],
  [
    "remote_read_file",
    "a read of unknown outcome",
    () =>
      Promise.resolve({
        kind: "unknown",
        via: "lmcp",
        errors: errorsOf({ lmcp: "timeout", ssh: "no host configured" }),
        fallbackReason: null,
        output: null,
      }),
    "Error: lmcp: timeout | ssh: no host configured",
  ],
];

for (const [tool, what, dispatch, text] of TEXTS) {
  Deno.test(`${tool} words as the Lua hub did: ${what}`, async () => {
    const given = await createCaller({ dispatch })(tool, argumentsOf(tool, TARGET.name));
    assert.equal(given.text, text);
    assert.equal(given.isError, /^(Error:|\[lmcp isError\])/.test(text));
  });
}

for (
  const [host, text] of [
    ["nope", 'Error: unknown host "nope" (registry: /etc/hosts.conf)'],
    ['q"\\\n\t1', 'Error: unknown host "q\\"\\\\\\\n\\0091" (registry: /etc/hosts.conf)'],
    [undefined, "Error: missing `host` parameter"],
  ] as const
) {
  Deno.test(`remote_shell words as the Lua hub did: host ${JSON.stringify(host)}`, async () => {
    const given = await createCaller({})("remote_shell", { host, command: "id" });
    assert.equal(given.text.startsWith(text), true, given.text);
    assert.equal(given.isError, true);
  });
}
