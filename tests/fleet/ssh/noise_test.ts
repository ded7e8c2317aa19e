import assert from "node:assert/strict";
import { assertQuick } from "../../assert_quick.ts";
import { openSshTarget } from "./target.ts";

/** What a call says for which ssh writes this to stderr, and fails. */
async function reasonFor(stderr: string): Promise<string> {
  const directory = await Deno.makeTempDir();
  const program = `${directory}/ssh`;
  await Deno.writeTextFile(`${directory}/stderr`, stderr);
  await Deno.writeTextFile(program, `#!/bin/sh\ncat ${directory}/stderr >&2\nexit 255\n`);
  await Deno.chmod(program, 0o755);
  try {
    await using target = await openSshTarget({ configFile: "none", program });
    const { kind, reason } = await target.run("echo mine", { reuse: false });
    assert.equal(kind, "not_delivered");
    return reason ?? "";
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

for (
  const [what, stderr, said] of [
    ["one line", "ssh: no route\n", "ssh: no route"],
    ["a box", "@@@@@\n@  WARNING: CHANGED  @\n@@@@@\nfailed.\r\n", "WARNING: CHANGED; failed."],
    ["the same line twice", "no\nno\n", "no"],
    ["nothing but a box", "@@@@\n@  @\n", ""],
    ["control characters", "\x1b[31mred\x00\tor\x9bnot\x1b[0m\n", "[31mred or not [0m"],
    ["an @ within", "user@host: @denied@\n", "user@host: @denied"],
    ["a long line", `${"x".repeat(500)}\n`, `${"x".repeat(199)}…`],
    [
      "long lines, first and last",
      `${"x".repeat(500)}\nmiddle\n${"y".repeat(1000)}\n`,
      `${"x".repeat(98)}…; ${"y".repeat(98)}…`,
    ],
  ] as const
) {
  Deno.test(`Ssh.run() says what ssh says: ${what}`, async () => {
    assert.equal(await reasonFor(stderr), `ssh connect failed: ${said}`);
  });
}

Deno.test("Ssh.run() reads any amount of @ of ssh in no time", async () => {
  const startedAt = performance.now();
  await reasonFor("x\n");
  const shortMs = performance.now() - startedAt;
  await assertQuick(shortMs + 500, () => reasonFor(`x${"@".repeat(32_000)}x\n`));
});
