import { createHash } from "node:crypto";
import { runDeno } from "../compile/run_deno.ts";
import { ENTRY_POINT, makeManifest } from "./manifest.ts";
import { zip } from "./zip.ts";

/** What a bundle is made of. */
export interface BundleSource {
  /** The checkout, with a final slash. */
  readonly root: string;
  /** The directory for the bundle. */
  readonly output: string;
  readonly version: string;
  /** `OWNER/NAME` on GitHub; null: not known. */
  readonly repository: string | null;
  /** Of all that is in the bundle. */
  readonly date: Date;
}

/** Makes `lmcp-hub.mcpb`; returns its path and its SHA-256. Making the same again makes the same. */
export async function buildBundle(
  source: BundleSource,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const { root, output, version, repository, date } = source;
  const encoder = new TextEncoder();
  const manifest = JSON.stringify(makeManifest(version, repository), null, 2);
  const bytes = zip([
    { path: "manifest.json", bytes: encoder.encode(`${manifest}\n`) },
    { path: ENTRY_POINT, bytes: await bundleBridge(root, output) },
    { path: "LICENSE", bytes: await Deno.readFile(`${root}LICENSE`) },
  ], date);
  const path = `${output}/lmcp-hub.mcpb`;
  await Deno.writeFile(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The bridge as one file for Node.js. Throws a `CompileError`. */
async function bundleBridge(root: string, output: string): Promise<Uint8Array> {
  const main = `${root}scripts/mcpb/bridge/main.ts`;
  const path = await Deno.makeTempFile({ dir: output, prefix: ".bridge-", suffix: ".mjs" });
  try {
    await runDeno(root, ["check", "--frozen", main]);
    await runDeno(root, ["bundle", "--frozen", "--platform=deno", `--output=${path}`, main]);
    return await Deno.readFile(path);
  } finally {
    await Deno.remove(path);
  }
}
