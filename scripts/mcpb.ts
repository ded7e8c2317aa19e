/**
 * `deno task mcpb [--repository OWNER/NAME]`: makes `dist/lmcp-hub.mcpb`, a bundle by which desktop
 * clients connect to a hub, and with the name of a repository on GitHub `dist/server.json` for the MCP
 * registry: it names the owner, and the release that has the bundle.
 */
import { fileURLToPath } from "node:url";
import { VERSION } from "../lib/base/version.ts";
import { CompileError } from "./compile/compile_error.ts";
import { buildBundle } from "./mcpb/build.ts";
import { parseRepository } from "./mcpb/options.ts";
import { makeServerJson } from "./mcpb/server_json.ts";
import { buildDate } from "./share/build_date.ts";

async function buildAll(args: readonly string[]): Promise<void> {
  const repository = parseRepository(args);
  const root = fileURLToPath(new URL("..", import.meta.url));
  const output = `${root}dist`;
  await Deno.mkdir(output, { recursive: true });
  const date = buildDate(Deno.env.get("SOURCE_DATE_EPOCH"));
  const { sha256 } = await buildBundle({ root, output, version: VERSION, repository, date });
  console.log(`${sha256}  dist/lmcp-hub.mcpb`);
  if (repository === null) return;
  const text = JSON.stringify(makeServerJson({ repository, version: VERSION, sha256 }), null, 2);
  await Deno.writeTextFile(`${output}/server.json`, `${text}\n`);
  console.log("dist/server.json");
}

try {
  await buildAll(Deno.args);
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(`mcpb: ${error.message}`);
  Deno.exit(2);
}
