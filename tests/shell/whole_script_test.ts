import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ChildProcess } from "../../lib/base/process.ts";
import { frame, frameMarkers, readyRequest } from "../../lib/shell/frame.ts";
import { isGoneSoon, runScript, runUntilItSpeaks, spawnBash } from "./session_runs.ts";
import { spawnHost } from "./hosts.ts";

const NONCE = "nonce";

/** A bash that gets something else than what is sent. */
function spawnAltered(wanted: string, replacement: string): ChildProcess {
  const child = spawnBash();
  return {
    ...child,
    write: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (text.length > 1_000) assert.ok(text.includes(wanted), `no ${wanted} in the frame`);
      return child.write(new TextEncoder().encode(text.replace(wanted, replacement)));
    },
  };
}

for (
  const [what, feed] of [
    ["all but its end", 'printf "%s\\0%s" nonce "$lmcp_s"'],
    ["a part", 'printf "%s\\0%.9s" nonce "$lmcp_s"'],
    ["nothing", 'printf "%s\\0" nonce'],
    ["nothing at all", ":"],
    ["an end and a part", 'printf "%s\\0%.9s" nonce "$lmcp_s"; kill -KILL "$BASHPID"'],
  ] as const
) {
  Deno.test(`runInSession() runs nothing if of a script arrives ${what}`, async () => {
    const child = spawnAltered(`printf '%s\\n\\0' nonce "$lmcp_s"`, `{ ${feed}; }`);
    const script = "echo mine; echo more";
    const { result, output } = await runScript(script, { child, nonce: NONCE });
    assert.ok(result.kind === "not_started", JSON.stringify(result));
    assert.deepEqual([result.why, output.text], ["refused", ""]);
  });
}

Deno.test("runInSession() knows nothing of a script whose waiting shell was lost", async () => {
  for (const loss of ['kill -KILL "$m"', "exit 1", "exit 127"]) {
    const begun = await Deno.makeTempFile();
    const wait = `until [ -s '${begun}' ]; do read -t 0.1 <&4; done`;
    const child = spawnAltered("\nj=$!\n", `\nj=$!\n${wait}; ${loss}\n`);
    const script = `echo $$; echo >'${begun}'; sleep 60`;
    const { result, output } = await runScript(script, { child, nonce: NONCE });
    await Deno.remove(begun);
    assert.deepEqual(result, { kind: "lost", ended: "itself" }, loss);
    assert.match(output.stdout, /^\d+\n$/);
    assert.equal(await isGoneSoon(Number(output.stdout)), true, `${loss}: it still runs`);
  }
});

Deno.test("runInSession() ends a script though its shell ignores the watcher's signal", async () => {
  const child = spawnHost("trap '' USR2; exec bash -s");
  const { result, output } = await runUntilItSpeaks("echo $$; sleep 60", { child });
  assert.deepEqual(result, { kind: "ran", exitCode: 143, ended: "cancelled" });
  assert.equal(await isGoneSoon(Number(output.stdout)), true);
});

Deno.test("runInSession() runs a script with all line ends at its end", async () => {
  const { output } = await runScript("cat <<END\nbody\n\n\n");
  assert.equal(output.stdout, "body\n\n\n");
});

Deno.test("runInSession() runs a script of 2 MB", async () => {
  const { output } = await runScript(`x='${"ü\n".repeat(700_000)}'\necho "\${#x}"`);
  assert.equal(output.stdout, "1400000\n");
});

/** Runs a script of any bytes, and returns what it wrote to stdout. */
async function runBytes(script: Buffer, locale: string): Promise<Buffer> {
  const child = spawnHost("exec bash -s", { LC_ALL: locale });
  const command = { script: script.toString("latin1"), input: null, inputSeconds: 0 };
  const text = readyRequest(NONCE) + frame(NONCE, command, { readyOn: "stderr" });
  await child.write(Buffer.from(text, "latin1"));
  const [stdout] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).bytes(),
  ]);
  await Promise.all([child.exited, child.closeInput()]);
  const { start, end } = frameMarkers(NONCE).stdout;
  const output = Buffer.from(stdout);
  return output.subarray(output.indexOf(start) + start.length, output.indexOf(end));
}

for (const locale of ["C", "C.UTF-8"]) {
  Deno.test(`frame() brings each byte but NUL as it is, also what is no UTF-8, in ${locale}`, async () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
    const bytes = Buffer.concat([all, all.toReversed(), Buffer.from([0xe3, 0x81, 0x0a, 0xf0])]);
    const withoutQuote = bytes.filter((byte) => byte !== 0x27);
    const script = Buffer.concat([
      Buffer.from("printf %s '"),
      withoutQuote,
      Buffer.from("' #\xe3", "latin1"),
    ]);
    assert.equal((await runBytes(script, locale)).toHex(), withoutQuote.toHex());
  });
}
