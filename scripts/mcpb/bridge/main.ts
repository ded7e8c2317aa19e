/**
 * The program in the bundle: an MCP server over stdio that passes everything on to a hub over HTTP. It
 * is run by the Node.js of the client, so it uses nothing but what Node.js 18 has.
 */
import process from "node:process";
import { runBridge } from "./bridge.ts";
import { readLines } from "./lines.ts";
import { errorLine, readEnvelope, UNAVAILABLE } from "./message.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/** Waits while the client reads slowly. */
function write(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

/** What is wrong with the settings is the answer to everything: clients show it, unlike the log. */
async function refuseAll(message: string): Promise<void> {
  process.stderr.write(`lmcp-hub: ${message}\n`);
  for await (const line of readLines(process.stdin)) {
    const id = readEnvelope(line)?.id ?? null;
    if (id !== null) await write(errorLine(id, UNAVAILABLE, `lmcp-hub: ${message}`));
  }
}

function read(): Settings | SettingsError {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}

process.stdout.on("error", () => process.exit(0));
const settings = read();
if (settings instanceof SettingsError) await refuseAll(settings.message);
else await runBridge({ settings, input: process.stdin, write });
process.exit(0);
