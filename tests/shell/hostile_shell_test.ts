import assert from "node:assert/strict";
import type { SessionResult } from "../../lib/shell/conclusion.ts";
import { spawnHost } from "./hosts.ts";
import { runScript } from "./session_runs.ts";

const NONCE = "nonce";

/** What a session makes of a shell that is ready, and says just this; then it runs `more`. */
async function runAgainst(stdout: string, stderr: string, more = ":"): Promise<SessionResult> {
  const shell = `exec 3<&0; cat <&3 >/dev/null & printf '${NONCE}?\\n' >&2; ` +
    `printf %s "$OUT"; printf %s "$ERR" >&2; { ${more}; } & wait`;
  const child = spawnHost(shell, { OUT: stdout, ERR: stderr });
  const { result } = await runScript("echo mine", { child, nonce: NONCE, runWithinMs: 5_000 });
  return result;
}

const STARTED = { stdout: `${NONCE}1+\nout${NONCE}1- `, stderr: `${NONCE}2+\n${NONCE}2- ` };

Deno.test("runInSession() takes a shell's word for how a command ended", async () => {
  const result = await runAgainst(`${STARTED.stdout}7\n`, `${STARTED.stderr}7\n`);
  assert.deepEqual(result, { kind: "ran", exitCode: 7, ended: "itself" });
});

for (const code of ["256", "999", "1234", "", "abc", "-1", "1e1", "0x1", "7 ", "7\r", "7!!"]) {
  Deno.test(`runInSession() knows nothing of a command that ended with ${JSON.stringify(code)}`, async () => {
    const both = await runAgainst(
      `${STARTED.stdout}${code}\n`,
      `${STARTED.stderr}${code}\n`,
    );
    assert.deepEqual(both, { kind: "lost", ended: "itself" });
    const one = await runAgainst(`${STARTED.stdout}${code}\n`, `${STARTED.stderr}7\n`);
    assert.deepEqual(one, { kind: "lost", ended: "itself" });
  });
}

Deno.test("runInSession() does not read on in a code without an end", async () => {
  const endless = "yes 1 | tr -d '\\n' | tee /dev/stderr";
  const result = await runAgainst(STARTED.stdout, STARTED.stderr, endless);
  assert.deepEqual(result, { kind: "lost", ended: "itself" });
});

Deno.test("runInSession() knows nothing of a command that is said to have ended in two ways", async () => {
  const result = await runAgainst(`${STARTED.stdout}0\n`, `${STARTED.stderr}1\n`);
  assert.deepEqual(result, { kind: "lost", ended: "itself" });
});

Deno.test("runInSession() knows nothing of a command that started and was then refused", async () => {
  const result = await runAgainst(`${NONCE}1+\n${NONCE}1!\n`, `${NONCE}2!\n`);
  assert.deepEqual(result, { kind: "lost", ended: "itself" });
});

Deno.test("runInSession() keeps the beginning and the end of a long noise, and no more", async () => {
  const child = spawnHost(
    "{ echo first; head -c 1000000 /dev/zero; echo; echo last; } >&2; exit 9",
  );
  const { result } = await runScript("echo mine", { child });
  assert.ok(result.kind === "not_started");
  assert.match(result.noise, /^first\n[^]*\nlast\n$/);
  assert.ok(result.noise.length < 4_200, `${result.noise.length}`);
});
