import assert from "node:assert/strict";
import { dirname } from "node:path";
import { callTool, untilListening } from "../e2e/client.ts";
import { CANNOT_WRITE_ELSEWHERE, runProgram, startProgram, temporaryFile } from "../e2e/program.ts";
import { startBackend } from "../lab/backend.ts";
import { until } from "../processes.ts";

/** Runs a hub on an audit file until it has written for some calls; what it has logged. */
async function runHub(
  { registry, audit, calls, signal }: {
    readonly registry: string;
    readonly audit: string;
    readonly calls: number;
    readonly signal: Deno.Signal;
  },
): Promise<string> {
  await using hub = startProgram({
    env: {
      LMCP_HUB_BACKENDS: registry,
      LMCP_HUB_CONF: "",
      LMCP_HUB_AUDIT: audit,
      LMCP_HUB_AUDIT_CHAIN: "1",
    },
    writes: dirname(audit),
  });
  await untilListening(hub.port);
  const args = { host: "here", command: "true" };
  await Promise.all(
    Array.from({ length: calls }, () => callTool(hub.url, { tool: "remote_shell", args })),
  );
  await until(async () => (await countEnds(audit)) >= calls);
  hub.kill(signal);
  return (await hub.ended).stderr;
}

async function countEnds(audit: string): Promise<number> {
  return (await Deno.readTextFile(audit)).split('"event":"ended"').length - 1;
}

Deno.test("audit: what a tamperer does to a chained file is found by --check --audit", {
  ignore: CANNOT_WRITE_ELSEWHERE,
}, async () => {
  await using backend = await startBackend();
  await using registry = await temporaryFile("hosts.conf", `here - ${backend.url} -\n`);
  const audit = registry.path.replace("hosts.conf", "audit.jsonl");
  const lab = { registry: registry.path, audit };
  await runHub({ ...lab, calls: 20, signal: "SIGKILL" });
  await Deno.rename(audit, `${audit}.1`);
  const log = await runHub({ ...lab, calls: 20, signal: "SIGTERM" });
  const check = (...args: string[]) =>
    runProgram({ args: ["--check", "--audit", `${audit}.1`, "--audit", audit, ...args] });
  const hashes = [...log.matchAll(/newest line of the audit trail .*sha256=([0-9a-f]{64})/g)]
    .flatMap(([, hash = ""]) => ["--audit-hash", hash]);
  assert.equal(hashes.length, 4, "at the start and at the stop");

  const whole = await check(...hashes);
  assert.match(
    whole.stdout,
    /: 40 calls sent, 0 did not end\n.*: lines number 1 to 80 are chained/,
  );
  assert.equal(whole.code, 0);

  const text = await Deno.readTextFile(audit);
  const lines = text.split("\n");
  await Deno.writeTextFile(audit, lines.slice(0, -3).join("\n") + "\n");
  assert.equal((await check("--quiet")).stdout.includes(": error: "), false);
  const cut = await check("--quiet", ...hashes);
  assert.match(cut.stdout, /^--audit-hash: error: lines are missing or were changed/);
  assert.equal(cut.code, 2);

  await Deno.writeTextFile(audit, text.replace('"command":"true"', '"command":"fals"'));
  const changed = await check("--quiet");
  assert.equal(
    changed.stdout,
    `${audit}:1: error: was changed: the next line has another hash of it\n`,
  );
  assert.equal(changed.code, 2);
});
