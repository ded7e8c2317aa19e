import { fileURLToPath } from "node:url";
import type { Role } from "../../lib/config/variables.ts";
import {
  type Architecture,
  debianVersion,
  packageFileName,
  type PackageVersion,
  renderControl,
} from "./control.ts";
import { addDocuments } from "./documents.ts";
import { listFiles, md5Of, setTimes } from "./tree.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPTS = ["postinst", "prerm", "postrm"] as const;
/** Configuration that an administrator changes: an upgrade keeps it. */
const CONFFILES: Readonly<Record<Role, readonly string[]>> = {
  hub: ["etc/lmcp-hub/hosts.toml"],
  agent: [],
};

/** What a package is made of. */
export interface PackageSource {
  readonly role: Role;
  readonly binary: string;
  readonly architecture: Architecture;
  /** As the program has it, such as 1.0.0-rc.1. */
  readonly version: string;
  /** `Name <address>`. */
  readonly maintainer: string;
  /** Of all that is in the package. */
  readonly date: Date;
  /** The directory for the package. */
  readonly output: string;
  /** Default: the one of Debian, which takes a minute for a binary. */
  readonly compression?: "xz" | "none";
}

/** Why a package could not be built; the message is for the user. */
export class PackageError extends Error {
  override readonly name = "PackageError";
}

/** Builds the package of a program; returns the path. Building the same again makes the same. */
export async function buildPackage(source: PackageSource): Promise<string> {
  const { role, architecture, maintainer, date, output } = source;
  const version: PackageVersion = {
    role,
    architecture,
    maintainer,
    version: debianVersion(source.version),
  };
  const stage = await Deno.makeTempDir({ dir: output, prefix: ".deb-" });
  try {
    await installInto(stage, source);
    await moveToVendor(stage, role);
    await addDocuments(stage, { role, version: source.version, date, root: ROOT });
    await addControl(stage, version);
    await setTimes(stage, date);
    const path = `${output}/${packageFileName(version)}`;
    const compression = `-Z${source.compression ?? "xz"}`;
    await run("dpkg-deb", ["--build", "--root-owner-group", compression, stage, path], {
      SOURCE_DATE_EPOCH: String(Math.trunc(date.getTime() / 1000)),
    });
    return path;
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** What `install.sh` installs is what the package installs. */
async function installInto(stage: string, { role, binary }: PackageSource): Promise<void> {
  const args = [...(role === "agent" ? ["--agent"] : []), "--prefix", "/usr", "--binary", binary];
  // The modes of directories are those that this says.
  const script = `umask 022 && exec "$0" "$@"`;
  await run("sh", ["-c", script, `${ROOT}scripts/install.sh`, ...args], { DESTDIR: stage });
}

/** What belongs to the package and not to the administrator; the token is made where it is used. */
async function moveToVendor(stage: string, role: Role): Promise<void> {
  for (const folder of ["usr/lib", "usr/lib/systemd"]) {
    await Deno.mkdir(`${stage}/${folder}`);
    await Deno.chmod(`${stage}/${folder}`, 0o755);
  }
  await Deno.rename(`${stage}/etc/systemd/system`, `${stage}/usr/lib/systemd/system`);
  await Deno.remove(`${stage}/etc/systemd`);
  await Deno.remove(`${stage}/etc/lmcp-${role}/token`);
  await Deno.remove(`${stage}/usr/share/doc/lmcp-${role}/installed`);
  await Deno.chmod(stage, 0o755);
}

async function addControl(stage: string, version: PackageVersion): Promise<void> {
  const files = await listFiles(stage);
  const conffiles = CONFFILES[version.role];
  const sizes = await Promise.all(
    files.map(async (file) => (await Deno.lstat(`${stage}/${file}`)).size),
  );
  const kib = sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
  const sums = await Promise.all(
    files.filter((file) => !conffiles.includes(file))
      .map(async (file) => `${await md5Of(`${stage}/${file}`)}  ${file}\n`),
  );
  const control = `${stage}/DEBIAN`;
  await Deno.mkdir(control);
  await Deno.chmod(control, 0o755);
  await writeWithMode(`${control}/control`, renderControl(version, kib), 0o644);
  await writeWithMode(`${control}/md5sums`, sums.join(""), 0o644);
  if (conffiles.length > 0) {
    await writeWithMode(
      `${control}/conffiles`,
      conffiles.map((file) => `/${file}\n`).join(""),
      0o644,
    );
  }
  for (const name of SCRIPTS) {
    const text = await Deno.readTextFile(`${ROOT}scripts/deb/lmcp-${version.role}/${name}`);
    await writeWithMode(`${control}/${name}`, text, 0o755);
  }
}

/** Whatever the umask is. */
async function writeWithMode(path: string, text: string, mode: number): Promise<void> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const command = new Deno.Command(program, { args: [...args], env: { ...env }, stdin: "null" });
  const output = await command.output().catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound) {
      throw new PackageError(`there is no ${program} here`);
    }
    throw error;
  });
  if (output.success) return;
  throw new PackageError(`${program} failed\n${new TextDecoder().decode(output.stderr).trim()}`);
}
