/**
 * `deno task deb [--target NAME]`: makes Debian packages of the binaries in `dist/`, for this machine
 * or for the target that they were compiled for. `SOURCE_DATE_EPOCH` is the time of all that is in
 * them, `DEBFULLNAME` and `DEBEMAIL` name the maintainer.
 */
import { fileURLToPath } from "node:url";
import { VERSION } from "../lib/base/version.ts";
import { buildPackage, PackageError } from "./deb/build.ts";
import { parseOptions } from "./deb/options.ts";
import { buildDate } from "./share/build_date.ts";

async function buildAll(args: readonly string[]): Promise<void> {
  const { architecture, suffix } = parseOptions(args, Deno.build.arch);
  const output = fileURLToPath(new URL("../dist", import.meta.url));
  const date = buildDate(Deno.env.get("SOURCE_DATE_EPOCH"));
  await Deno.mkdir(output, { recursive: true });
  const name = Deno.env.get("DEBFULLNAME") ?? "the lmcp-hub authors";
  const address = Deno.env.get("DEBEMAIL") ?? "lmcp-hub@localhost";
  for (const role of ["hub", "agent"] as const) {
    const path = await buildPackage({
      role,
      binary: `${output}/lmcp-${role}${suffix}`,
      architecture,
      version: VERSION,
      maintainer: `${name} <${address}>`,
      date,
      output,
    });
    console.log(path.replace(output, "dist"));
  }
}

try {
  await buildAll(Deno.args);
} catch (error) {
  if (!(error instanceof PackageError)) throw error;
  console.error(`deb: ${error.message}`);
  Deno.exit(2);
}
