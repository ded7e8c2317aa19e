import assert from "node:assert/strict";
import { createBash } from "../../lib/agent/bash.ts";
import { findLogin } from "../../lib/agent/login.ts";
import { type Spawn, spawnProcess } from "../../lib/base/process.ts";
import { OutputCapture } from "../../lib/shell/output.ts";
import { openSshdTarget, sshTest } from "../fleet/ssh/target.ts";

/** What no login would set. */
const STRANGE = { HOME: "/strange", USER: "strange", LOGNAME: "strange", SHELL: "/strange" };

sshTest("findLogin() returns the home and the variables that sshd sets", async () => {
  await using target = await openSshdTarget({ home: null });
  const script = `printf '%s\\n' "$PWD" ~ "$HOME" "$USER" "$LOGNAME" "$SHELL"`;
  const overSsh = await target.run(script);
  assert.equal(overSsh.exitCode, 0);

  const login = await findLogin(spawnProcess, STRANGE);
  const output = new OutputCapture({ headBytes: 4096, tailBytes: 0 });
  const runBash = createBash({
    ...login,
    spawn: spawnProcess,
    childEnv: { ...STRANGE, ...login.env },
  });
  const { signal } = new AbortController();
  await runBash({ script, output, runWithinMs: 20_000, signal });
  assert.equal(output.text().text, overSsh.stdout);
  assert.deepEqual([login.uid, login.fault], [Deno.uid(), null]);
});

Deno.test("findLogin() keeps PATH, unless it leads to no bash", async () => {
  const kept = await findLogin(spawnProcess, {});
  assert.deepEqual([kept.program, kept.env.PATH, kept.fault], ["bash", undefined, null]);
  for (const PATH of ["", "/nonexistent"]) {
    const { program, env, fault } = await findLogin(spawnProcess, { PATH });
    assert.deepEqual([program, fault], ["/bin/bash", null]);
    assert.match(env.PATH ?? "", /^\/[^=]*:\/usr\/bin:/);
    assert.equal(env.HOME, kept.env.HOME);
  }
});

Deno.test({
  name: "findLogin() keeps the variables of a user whom the database does not know (as root)",
  ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
  fn: async () => {
    const spawn: Spawn = (command) =>
      spawnProcess({
        ...command,
        program: "setpriv",
        args: ["--reuid=54321", "--clear-groups", command.program, ...command.args],
      });
    const { home, uid, env, fault } = await findLogin(spawn, { HOME: "/given" });
    assert.deepEqual({ home, uid, env }, { home: "/given", uid: 54321, env: {} });
    assert.equal(fault, "user 54321 is not in the user database");
  },
});

Deno.test("findLogin() says that there is no bash", async () => {
  const tried: string[] = [];
  const login = await findLogin(({ program }) => {
    tried.push(program);
    throw Object.assign(new Error("nothing there"), { code: "ENOENT" });
  }, {});
  assert.deepEqual(new Set(tried), new Set(["bash", "/bin/bash"]));
  assert.deepEqual(login.env, {});
  assert.equal(login.home, "/");
  assert.match(login.fault ?? "", /^cannot start bash/);
});
