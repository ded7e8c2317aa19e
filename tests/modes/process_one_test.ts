import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { terminate } from "../../scripts/dev/terminate.ts";
import { rootTest } from "../shell/hosts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs `main.ts` as process 1 of a container until it has ended, or has said a text. */
async function runAsProcessOne(permissions: string, args: readonly string[], until: string) {
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", `-P=${permissions}`, "main.ts"];
  const child = new Deno.Command("unshare", {
    args: ["--pid", "--fork", "--kill-child", "--mount-proc", ...deno, ...args],
    cwd: ROOT,
    env: { LMCP_TOKEN: "s3cret-token-of-a-test" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes(until)) break;
  }
  terminate(child, "SIGKILL");
  return { code: (await child.status).code, said };
}

rootTest("--agent does not start as process 1, and names what helps", async () => {
  const { code, said } = await runAsProcessOne("agent", ["--agent", "--port", "0"], "is listening");
  assert.equal(code, 2);
  assert.equal(
    said,
    "lmcp-agent: cannot be process 1, since nothing would reap what its commands leave behind: " +
      "give the container an init (docker run --init, or init: true in a compose file)\n",
  );
});

rootTest("serve warns as process 1 of connections that nobody reaps", async () => {
  const registry = await Deno.makeTempFile();
  const args = ["--registry", registry, "--port", "0"];
  const { said } = await runAsProcessOne("hub", args, "is listening");
  await Deno.remove(registry);
  assert.match(said, /nothing reaps ssh connections that end: .*docker run --init/);
  assert.match(said, /is listening/);
});
