import assert from "node:assert/strict";
import { createRemoteTools } from "../../lib/tools/catalog.ts";
import { outputOptions } from "../outputs/options.ts";

const unused = () => assert.fail("No tool was called");
const TOOLS = createRemoteTools({
  ...outputOptions(),
  access: unused,
  dispatch: unused,
  inventory: { ofHost: unused, ofHosts: unused },
  listStates: unused,
  now: () => 0,
});

Deno.test("createRemoteTools() says of each tool what it may do", () => {
  const hints = TOOLS.map(({ name, readOnly, annotations }) => [
    name,
    readOnly,
    annotations.readOnlyHint,
    annotations.destructiveHint,
    annotations.idempotentHint,
    annotations.openWorldHint,
  ]);
  assert.deepEqual(hints, [
    ["remote_list_hosts", true, true, undefined, undefined, false],
    ["remote_shell", false, false, true, false, true],
    ["remote_run", false, false, true, false, true],
    ["remote_read_file", true, true, undefined, undefined, false],
    ["remote_write_file", false, false, true, true, false],
    ["remote_edit_file", false, false, true, false, false],
    ["remote_shell_bg", false, false, true, false, true],
    ["remote_jobs", true, true, undefined, undefined, false],
    ["remote_output", true, true, undefined, undefined, false],
    ["remote_kill", false, false, true, true, false],
    ["remote_wait", true, true, undefined, undefined, false],
    ["remote_list_dir", true, true, undefined, undefined, false],
    ["remote_search_files", true, true, undefined, undefined, false],
    ["remote_copy", false, false, true, true, false],
    ["remote_tools", true, true, undefined, undefined, false],
    ["remote_call_tool", false, false, true, false, true],
  ]);
});
