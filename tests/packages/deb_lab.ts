import type { Role } from "../../lib/config/variables.ts";
import { buildPackage } from "../../scripts/deb/build.ts";
import { CLEAR, makeSandbox, type Sandbox, SANDBOX_IS_MISSING } from "./sandbox.ts";

/** Packages of two versions, and a system to install them on. */
export interface Lab extends Sandbox {
  /** The directory of the packages. */
  readonly output: string;
  readonly first: string;
  readonly second: string;
}

/** Builds two versions of a program's package, and a sandbox for them. */
export async function makeLab(role: Role): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const output = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(output, { recursive: true }));
  const first = await build({ role, output, version: "1.0.0-rc.1" });
  const second = await build({ role, output, version: "1.0.0" });
  const sandbox = stack.use(await makeSandbox());
  // A hub or an agent that was run by hand may have left these.
  await sandbox.sh(`${CLEAR}\nclear /var/lib/lmcp-* /var/log/lmcp-* /var/tmp/lmcp-*`);
  const owned = stack.move();
  return { ...sandbox, output, first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a package of a test is made of. */
export interface TestPackage {
  readonly role: Role;
  readonly output: string;
  readonly version: string;
  /** Default: a script. */
  readonly binary?: string;
}

/** Builds a package; returns its path. */
export async function build({ role, output, version, binary }: TestPackage): Promise<string> {
  const script = `${output}/binary`;
  await Deno.writeTextFile(script, `#!/bin/sh\necho "lmcp-${role} ${version}"\n`);
  return await buildPackage({
    role,
    binary: binary ?? script,
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    version,
    maintainer: "A Tester <tester@example.org>",
    date: new Date(Date.UTC(2026, 0, 2, 3, 4, 6)),
    output,
    compression: "none",
  });
}

/** Everything in the system that has a name of the programs, or that they made. */
export const LEFT = `find /etc /usr /var /run -name '*lmcp-*' | sort
getent passwd lmcp-hub; getent group lmcp-hub; true`;

/** Defines a test that is ignored where no package can be installed. */
export function testOnDebian(name: string, fn: () => Promise<void>): void {
  const ignore = SANDBOX_IS_MISSING !== null;
  Deno.test({ name: ignore ? `${name} (ignored: ${SANDBOX_IS_MISSING})` : name, ignore, fn });
}
