import { ROOT } from "../documents.ts";
import { scriptTexts } from "./script_texts.ts";
import { alertTexts, loggedTexts, sourceTexts, type Text } from "./source_texts.ts";

/**
 * Whose texts an operator reads: all that reads the configuration, serves, reaches hosts and records.
 * The tools' words about their arguments are for callers, and say what to change.
 */
const FOR_OPERATORS: readonly string[] = [
  "main.ts",
  "lib/agent/bash.ts",
  "lib/agent/claims/",
  "lib/agent/login.ts",
  "lib/approvals/socket/",
  "lib/audit/",
  "lib/base/files/",
  "lib/base/text/key_fault.ts",
  "lib/cli/",
  "lib/config/",
  "lib/fleet/",
  "lib/http/",
  "lib/hub/",
  "lib/mcp/admission.ts",
  "lib/mcp/call.ts",
  "lib/mcp/era.ts",
  "lib/mcp/room.ts",
  "lib/mcp/server.ts",
  "lib/modes/",
  "lib/outputs/late.ts",
  "lib/tools/access.ts",
  "lib/tools/backend/allowed.ts",
  "lib/tools/commands/refusal.ts",
  "lib/tools/definition.ts",
  "lib/tools/hide_secrets.ts",
  "lib/tools/hosts/list.ts",
  "lib/tools/hosts/wake.ts",
  "lib/tools/jobs/asking.ts",
  "lib/tools/limit_timeout.ts",
  "lib/tools/result.ts",
  "scripts/dev.ts",
  "scripts/dev/",
];

/** What is written there is help, or what is sent to hosts and browsers, and no text of a fault. */
const OF_OTHER_KINDS: readonly string[] = [
  "lib/cli/help.ts",
  "lib/fleet/wake.ts",
  "lib/http/pages/fleet/browser/plots/",
  "lib/http/pages/fleet/document.ts",
  "lib/hub/instructions.ts",
  "lib/hub/page/rules.ts",
  "scripts/dev/usage.ts",
];

const VIEWS = "lib/http/pages/fleet/views/";

/** All that the programs and the scripts say where something is wrong. */
export async function operatorTexts(): Promise<Text[]> {
  const texts: Text[] = [];
  const ofProgram = [...await filesBelow("lib"), ...await filesBelow("scripts/dev")];
  for (const path of ["main.ts", "scripts/dev.ts", ...ofProgram]) {
    texts.push(...await textsFor(path));
  }
  for await (const { name } of Deno.readDir(`${ROOT}scripts`)) {
    if (/^(?:add-host.*|install)\.sh$/.test(name)) {
      texts.push(...await scriptTexts(`scripts/${name}`));
    }
  }
  return texts;
}

async function textsFor(path: string): Promise<Text[]> {
  if (!startsWithOne(path, FOR_OPERATORS) || startsWithOne(path, OF_OTHER_KINDS)) {
    return await loggedTexts(path);
  }
  // What the page shows is mostly states, and columns of tables.
  return path.startsWith(VIEWS) ? await alertTexts(path) : await sourceTexts(path);
}

function startsWithOne(path: string, starts: readonly string[]): boolean {
  return starts.some((start) => path.startsWith(start));
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesBelow(path));
    else if (/\.[jt]s$/.test(name)) files.push(path);
  }
  return files;
}
