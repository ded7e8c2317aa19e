import assert from "node:assert/strict";
import { findProcesses, uniqueSleep, until } from "../../processes.ts";
import { SSHD } from "../../sshd.ts";
import { openSshdTarget } from "./target.ts";

async function findInstalled(program: string): Promise<string | null> {
  for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${directory}/${program}`;
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile) return path;
  }
  return null;
}

for (const name of ["bash", "dash", "fish", "zsh", "tcsh"]) {
  const path = await findInstalled(name);
  const missing = SSHD === null ? "sshd" : path === null ? name : null;
  const what = `Ssh.run() works with login shell ${name}`;
  Deno.test({
    name: missing === null ? what : `${what} (ignored: ${missing} is not installed)`,
    ignore: missing !== null,
    fn: async () => {
      await using target = await openSshdTarget({ loginShell: path ?? name, spares: 1 });
      const odd = "a'b\"c`d$e\\f!g {h} (i) ~ * \t ü";
      const result = await target.run(
        'head -c 40; echo err >&2; [ -n "$BASH_VERSION" ] && exit 255',
        {
          input: new TextEncoder().encode(odd.padEnd(39)),
        },
      );
      assert.deepEqual([result.kind, result.exitCode], ["ran", 255]);
      assert.deepEqual([result.stdout.trimEnd(), result.stderr], [odd, "err\n"]);

      await until(() => target.ssh.spares().waiting === 1);
      assert.equal((await target.run("echo mine")).text, "mine\n");
      assert.equal(target.ssh.spares().taken, 1);

      const marker = uniqueSleep(61);
      const endless = await target.run(`sleep ${marker}`, { runMs: 300 });
      assert.equal(endless.ended, "timeout");
      assert.deepEqual(await findProcesses(marker), []);
    },
  });
}
