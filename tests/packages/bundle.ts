import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { installProgram } from "../clients/npm.ts";
import { buildBundle } from "../../scripts/mcpb/build.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What checks, unpacks and starts bundles as desktop clients do. */
const MCPB = {
  title: "MCPB",
  name: "@anthropic-ai/mcpb",
  version: "2.1.2",
  command: "mcpb",
} as const;

/** A bundle, unpacked where a client has put it. */
export interface UnpackedBundle extends AsyncDisposable {
  /** The bundle itself. */
  readonly file: string;
  /** Its path has blanks. */
  readonly folder: string;
  /** Its checksum, in hexadecimal digits. */
  readonly sha256: string;
  /** Runs the tool; what it printed. */
  readonly mcpb: (...args: readonly string[]) => Promise<string>;
}

/** Builds and unpacks the bundle. */
export async function unpackBundle(): Promise<UnpackedBundle> {
  const mcpb = await installProgram(MCPB);
  const directory = await Deno.makeTempDir();
  const { path: file, sha256 } = await buildBundle({
    root: ROOT,
    output: directory,
    version: "1.2.3",
    repository: "example/lmcp-hub",
    date: new Date(Date.UTC(2026, 0, 2, 3, 4, 6)),
  });
  const folder = `${directory}/Claude Extensions/lmcp hub`;
  const runTool = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(mcpb, {
      args: [...args],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(stdout) + decoder.decode(stderr);
    assert.equal(code, 0, said);
    return said;
  };
  await runTool("unpack", file, folder);
  return {
    file,
    folder,
    sha256,
    mcpb: runTool,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

const commandShape = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
});

/** How a client starts the bundle. */
export type BundleCommand = z.infer<typeof commandShape>;

/** Asks the package of the format itself what a client starts, with these settings of its user. */
const RESOLVE = `import { getMcpConfigForManifest } from "@anthropic-ai/mcpb";
const { manifest, folder, settings } = JSON.parse(process.argv[1]);
const config = await getMcpConfigForManifest({
  manifest, extensionPath: folder, systemDirs: {}, userConfig: settings, pathSeparator: "/",
  logger: { log() {}, error() {}, warn() {}, info() {} },
});
console.log(JSON.stringify(config));`;

/** What a client starts with these settings of its user. */
export async function resolveCommand(
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<BundleCommand> {
  const manifest: unknown = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
  const packages = (await installProgram(MCPB)).replace(/node_modules\/.*/, "");
  const { stdout, stderr } = await new Deno.Command("node", {
    args: ["--input-type=module", "-e", RESOLVE, JSON.stringify({ manifest, folder, settings })],
    cwd: packages,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return commandShape.parse(JSON.parse(text));
}
