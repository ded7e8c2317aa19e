import assert from "node:assert/strict";
import { createTools } from "../tool_calls.ts";
import { rankTools } from "./bm25.ts";
import { DECOYS, type SearchedTool } from "./decoys.ts";

/**
 * Clients with many tools show their model only what a search for words finds. Each ranks in its own
 * way; this is the plain one (tests/clients asks Claude Code's own).
 */
const QUESTIONS: readonly (readonly [question: string, expected: string])[] = [
  ["check disk space on server", "remote_shell"],
  ["restart nginx on web1", "remote_shell"],
  ["tail log file on host", "remote_shell"],
  ["update packages on all servers at once", "remote_run"],
  ["compare versions on many machines", "remote_run"],
  ["which hosts are down", "remote_list_hosts"],
  ["what machines do I have", "remote_list_hosts"],
  ["copy config to the server", "remote_write_file"],
  ["find large log files", "remote_search_files"],
  ["start a long build on a machine", "remote_shell_bg"],
  ["change a line in /etc/hosts on db1", "remote_edit_file"],
  ["read /etc/os-release of web3", "remote_read_file"],
  ["list the directory /var/log of a host", "remote_list_dir"],
  ["what extra tools do the hosts offer", "remote_tools"],
  ["which background jobs are running", "remote_jobs"],
  ["output of a background job", "remote_output"],
  ["kill a background job with its children", "remote_kill"],
  ["get the rest of the answer that was cut", "remote_output"],
  ["end the call that is still running", "remote_kill"],
];

const OWN: readonly SearchedTool[] = createTools().map((
  { name, annotations, description, meta },
) => ({
  name,
  title: annotations.title ?? "",
  description,
  hint: meta?.["anthropic/searchHint"] ?? "",
}));

for (const [question, expected] of QUESTIONS) {
  Deno.test(`${expected} is found by ${JSON.stringify(question)} among the tools of others`, () => {
    const found = rankTools(question, [...DECOYS, ...OWN]).slice(0, 2);
    assert.ok(found.includes(expected), `found ${found.join(", ")}`);
  });
}
