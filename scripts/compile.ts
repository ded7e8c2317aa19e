/**
 * `deno task compile [--target NAME]...`: compiles `main.ts` into `dist/lmcp-hub` and `dist/lmcp-agent`,
 * each with its own permissions and role, and adds `install.sh`, `add-host.sh` with its parts,
 * `nats-server.conf`, and `SHA256SUMS`. With targets, their names are part of the file names.
 */
import { fileURLToPath } from "node:url";
import { compileBinary } from "./compile/binary.ts";
import { bundleProgram } from "./compile/bundle.ts";
import { writeChecksums } from "./compile/checksums.ts";
import { CompileError } from "./compile/compile_error.ts";
import { parseTargets } from "./compile/target.ts";
import { tryBinary } from "./compile/try_binary.ts";

/** What a machine needs besides its binary, what puts agents on others, and a broker's configuration. */
const FILES = [
  "install.sh",
  "add-host.sh",
  "add-host-toml.sh",
  "add-host-registry.sh",
  "add-host-hub.sh",
  "add-host-steps.sh",
  "add-host-checksum.sh",
  "add-host-service.sh",
  "add-host-remote.sh",
  "nats-server.conf",
];

async function compileAll(args: readonly string[]): Promise<void> {
  const targets = parseTargets(args);
  const root = fileURLToPath(new URL("..", import.meta.url));
  await emptyDirectory(`${root}dist`);
  await using bundle = await bundleProgram(root);
  const files = [...FILES];
  for (const name of FILES) await Deno.copyFile(`${root}scripts/${name}`, `${root}dist/${name}`);
  for (const target of targets) {
    for (const role of ["hub", "agent"] as const) {
      const file = await compileBinary({ root, bundle: bundle.path, role, target });
      if (target === null) await tryBinary(`${root}dist/${file}`);
      files.push(file);
    }
  }
  for (const line of await writeChecksums(`${root}dist`, files)) console.log(line);
}

/** Files of an earlier run would not be in the new `SHA256SUMS`. */
async function emptyDirectory(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  for await (const { name } of Deno.readDir(path)) {
    await Deno.remove(`${path}/${name}`, { recursive: true });
  }
}

try {
  await compileAll(Deno.args);
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(`compile: ${error.message}`);
  Deno.exit(2);
}
