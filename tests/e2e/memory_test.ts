import assert from "node:assert/strict";
import { startFleet } from "./fleet.ts";
import { callForModel, callTool } from "./client.ts";
import { temporaryFile } from "./program.ts";

const MIB = 1024 * 1024;
/** The longest file that is read whole. */
const FILE_BYTES = 32 * MIB;
/** Twelve of them took 520 MiB before what each leaves behind was collected, and 390 since. */
const MOST_MIB = 450;

/** The most memory that a process has had, in MiB. */
async function mostResidentMib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

Deno.test("memory: the longest files, one after the other, leave the hub below its bound", async () => {
  // A machine that does other things takes long for such a file.
  await using fleet = await startFleet({ env: { LMCP_HUB_LMCP_TIMEOUT: "60" } });
  await using file = await temporaryFile("file", 'a "quoted" line\n'.repeat(FILE_BYTES / 16));
  for (let round = 0; round < 2; round++) {
    for (const encoding of [{}, { encoding: "base64" }]) {
      const args = { host: "here", path: file.path, ...encoding, max_chars: 2 * FILE_BYTES };
      const length = "encoding" in encoding ? Math.ceil(FILE_BYTES / 3) * 4 : FILE_BYTES;
      const forModel = await callForModel(fleet.hub.url, "remote_read_file", args);
      assert.equal(forModel.isError, false, forModel.text.slice(0, 200));
      const { text } = await callTool(fleet.hub.url, { tool: "remote_read_file", args });
      assert.equal(text.length, length, text.slice(0, 200));
    }
  }
  const most = await mostResidentMib(fleet.hub.pid);
  assert.ok(most < MOST_MIB, `${most} MiB`);
});
