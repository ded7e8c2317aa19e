import assert from "node:assert/strict";
import type { Role } from "../../lib/config/variables.ts";
import { ROOT } from "./program.ts";

/**
 * What a program with a role's permissions can do. Where there is a denort to compile with
 * (`DENORT_BIN`, and the Deno it belongs to in `DENO`), it is a binary; else it is run by Deno.
 */
async function tryActs(role: Role): Promise<Record<string, string>> {
  const directory = await Deno.makeTempDir();
  try {
    // What "run another ssh" would find.
    await Deno.writeTextFile(`${directory}/ssh`, "#!/bin/sh\n", { mode: 0o755 });
    const permissions = [`--config=${ROOT}deno.json`, `--permission-set=${role}`, "--no-prompt"];
    const script = `${ROOT}tests/compile/acts.ts`;
    if (Deno.env.get("DENORT_BIN") === undefined) {
      return await printed(Deno.execPath(), ["run", "--quiet", ...permissions, script], directory);
    }
    const binary = `${directory}/acts`;
    const { success, stderr } = await new Deno.Command(Deno.env.get("DENO") ?? Deno.execPath(), {
      args: ["compile", "--no-check", ...permissions, `--output=${binary}`, script],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return await printed(binary, [], directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function printed(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<Record<string, string>> {
  const env = { SECRET: "secret", LMCP_TOKEN: "token" };
  const command = new Deno.Command(program, { args: [...args], cwd, env, stdin: "null" });
  const { stdout, stderr } = await command.output();
  assert.match(new TextDecoder().decode(stdout), /^\{/, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Allowed, but what is written to does not exist. */
const MAY_WRITE = "NotFound";
const REFUSED = "NotCapable";

Deno.test("the hub's permissions let it run ssh, write to its directories, and little else", async () => {
  assert.deepEqual(await tryActs("hub"), {
    "run ssh": "done",
    "run another ssh": REFUSED,
    "run bash": REFUSED,
    "run itself": REFUSED,
    "write to /run/lmcp-hub": MAY_WRITE,
    "write to /tmp/lmcp-hub": MAY_WRITE,
    "write to /var/lib/lmcp-hub": MAY_WRITE,
    "write to /var/log/lmcp-hub": MAY_WRITE,
    "write beside": REFUSED,
    "write above": REFUSED,
    "write to /tmp": REFUSED,
    "write to /etc": REFUSED,
    "write here": REFUSED,
    "read a file": "done",
    "read its environment": REFUSED,
    "read LMCP_TOKEN": "done",
    "read JEST_WORKER_ID": "done",
    "read UNDICI_NO_WASM_SIMD": "done",
    "read SECRET": REFUSED,
    "read HOME": REFUSED,
    "read all variables": REFUSED,
    "listen and connect": "done",
    "ask for its user": "done",
    "ask for the machine's name": REFUSED,
    "load a library": REFUSED,
  });
});

Deno.test("the agent's permissions let it run bash and write anywhere, and little else", async () => {
  assert.deepEqual(await tryActs("agent"), {
    "run ssh": REFUSED,
    "run another ssh": REFUSED,
    "run bash": "done",
    "run itself": REFUSED,
    "write to /run/lmcp-hub": MAY_WRITE,
    "write to /tmp/lmcp-hub": MAY_WRITE,
    "write to /var/lib/lmcp-hub": MAY_WRITE,
    "write to /var/log/lmcp-hub": MAY_WRITE,
    "write beside": MAY_WRITE,
    "write above": MAY_WRITE,
    "write to /tmp": MAY_WRITE,
    "write to /etc": MAY_WRITE,
    "write here": MAY_WRITE,
    "read a file": "done",
    "read its environment": REFUSED,
    "read LMCP_TOKEN": "done",
    "read JEST_WORKER_ID": REFUSED,
    "read UNDICI_NO_WASM_SIMD": REFUSED,
    "read SECRET": REFUSED,
    "read HOME": REFUSED,
    "read all variables": REFUSED,
    "listen and connect": "done",
    "ask for its user": "done",
    "ask for the machine's name": "done",
    "load a library": REFUSED,
  });
});
