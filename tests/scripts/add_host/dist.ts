import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { writeBundle } from "../../../scripts/compile/bundle.ts";
import type { Machine } from "./machine.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** The hub's binary, with the agent's beside it; without it, wrappers around a bundle of `main.ts`. */
const BINARY = Deno.env.get("LMCP_TEST_BINARY");

/** Makes everything that is compiled; the scripts are this checkout's. */
export async function makeDist(dist: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${ROOT}scripts`)) {
    if (/^(add-host.*|install)\.sh$/.test(name)) {
      await Deno.copyFile(`${ROOT}scripts/${name}`, `${dist}/${name}`);
    }
  }
  if (BINARY === undefined) {
    const program = await (bundled ??= bundle());
    await writeWrapper(`${dist}/lmcp-hub`, { program, permissions: "hub", mode: "" });
    await writeWrapper(`${dist}/lmcp-agent`, { program, permissions: "agent", mode: "--agent" });
  } else {
    await Deno.symlink(BINARY, `${dist}/lmcp-hub`);
    await Deno.symlink(BINARY.replace(/hub(?=[^/]*$)/, "agent"), `${dist}/lmcp-agent`);
  }
  await writeSums(dist);
}

/** One for all machines of a test file: to start the modules one by one takes twice as long. */
let bundled: Promise<string> | undefined;

/** Bundles the program, and runs it once, so that Deno has what it keeps of it. Returns its folder. */
async function bundle(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "add-host-program-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  await Deno.chmod(folder, 0o755);
  await writeBundle(ROOT, `${folder}/main.js`);
  await writeWrapper(`${folder}/hub`, { program: folder, permissions: "hub", mode: "" });
  await new Deno.Command(`${folder}/hub`, { args: ["--version"] }).output();
  // All users of a machine have it, and each machine has changes of its own.
  await new Deno.Command("chmod", { args: ["-R", "a+rwX", `${folder}/cache`] }).output();
  return folder;
}

interface Wrapped {
  readonly program: string;
  readonly permissions: string;
  readonly mode: string;
}

async function writeWrapper(path: string, { program, permissions, mode }: Wrapped): Promise<void> {
  const deno = `${Deno.execPath()} run --quiet --no-prompt --config ${ROOT}deno.json`;
  const text = `#!/bin/sh\nexport LD_LIBRARY_PATH=\nexport DENO_DIR=${program}/cache\n` +
    `exec ${deno} -P=${permissions} ${program}/main.js ${mode} "$@"\n`;
  await Deno.writeTextFile(path, text, { mode: 0o755 });
}

/** Has the agent in `dist/` do something first; it is no longer the same file. */
export async function changeAgent({ directory, sh }: Machine, lines: string): Promise<void> {
  await sh("mv dist/lmcp-agent agent");
  const text = `#!/bin/sh\n${lines}\nexec ${directory}/agent "$@"\n`;
  await Deno.writeTextFile(`${directory}/dist/lmcp-agent`, text, { mode: 0o755 });
  await writeSums(`${directory}/dist`);
}

/** Has the hub in `dist/` do something first. */
export async function changeHub({ directory, sh }: Machine, lines: string): Promise<void> {
  await sh("mv dist/lmcp-hub hub");
  const text = `#!/bin/sh\n${lines}\nexec ${directory}/hub "$@"\n`;
  await Deno.writeTextFile(`${directory}/dist/lmcp-hub`, text, { mode: 0o755 });
  await writeSums(`${directory}/dist`);
}

/** Makes the agent in `dist/` as large as one that is compiled. */
export async function enlargeAgent({ directory, sh }: Machine): Promise<void> {
  if (BINARY !== undefined) return;
  await sh("head -c 30000000 /dev/zero | tr '\\0' '#' >>dist/lmcp-agent");
  await writeSums(`${directory}/dist`);
}

/** Writes `SHA256SUMS` for the programs that are in a folder now. */
export async function writeSums(dist: string): Promise<void> {
  let sums = "";
  for await (const { name } of Deno.readDir(dist)) {
    if (!name.startsWith("lmcp-")) continue;
    const sum = createHash("sha256").update(await Deno.readFile(`${dist}/${name}`)).digest("hex");
    sums += `${sum}  ${name}\n`;
  }
  await Deno.writeTextFile(`${dist}/SHA256SUMS`, sums);
}
