import assert from "node:assert/strict";
import type { ShorterAnswer } from "../../../lib/mcp/tool.ts";
import { answerRun } from "../../../lib/tools/run/answer.ts";
import { RunReport } from "../../../lib/tools/run/report.ts";
import { labHost } from "../../lab/host.ts";
import { at } from "../../mcp/wire.ts";

/** Hosts whose names have nothing in common. */
const HOSTS = Array.from({ length: 1_000 }, (_, place) => labHost({ name: `h${place}x${place}y` }));
const DONE = HOSTS.slice(0, 500);

function reportOf(stdout: string): RunReport {
  const report = new RunReport(HOSTS);
  for (const [place, host] of HOSTS.entries()) {
    if (place >= DONE.length) report.skip(host);
    else {
      const result = {
        host: host.name,
        aliases: [],
        outcome: "ok",
        exitCode: 0,
        stdout,
        stderr: "",
        bytesDigest: null,
        note: null,
      } as const;
      report.add({ host, result, isEarlier: true });
    }
  }
  return report;
}

function answer(stdout: string) {
  const offered: ShorterAnswer[] = [];
  const result = answerRun({ report: reportOf(stdout), stopped: "cancelled" }, {
    targets: "@all",
    durationMs: 1_234,
    offerShorter: (shorter) => void offered.push(shorter),
  });
  const [first] = result.content;
  assert.equal(first?.type, "text");
  const [shorter] = offered;
  assert.ok(shorter !== undefined);
  return { text: first.text, structured: result.structuredContent, shorter };
}

Deno.test("answerRun() has a shorter text for hosts whose names do not fold, and all of them in the whole", () => {
  const { text, structured, shorter } = answer("hi\n");
  for (const { name } of HOSTS) assert.match(text, new RegExp(`\\b${name}\\b`));
  assert.deepEqual(at(structured, "skipped", 499), "h999x999y");
  const cut = shorter.text(4_000);
  assert.ok(cut.length <= 4_000, `${cut.length} characters`);
  assert.match(cut, /^1000 hosts: 500 exit 0, 500 skipped \(1\.2 s\)\n/);
  assert.match(cut, /\nnot run again, earlier answers: h0x0y .* and \d+ more\n/);
  assert.match(cut, /\nstopped: cancelled\nto go on: the 500 skipped hosts$/);
});

Deno.test("answerRun() has a shorter structure, whose outputs are cut and say so", () => {
  const stdout = "x".repeat(10_000);
  const { structured, shorter } = answer(stdout);
  assert.deepEqual([
    at(structured, "groups", 0, "stdout"),
    at(structured, "groups", 0, "truncated"),
  ], [stdout, false]);
  const cut = shorter.structure(100);
  assert.match(String(at(cut, "groups", 0, "stdout")), /^x{25}\n\[9\.9 kB left out\]\nx{75}$/);
  assert.equal(at(cut, "groups", 0, "truncated"), true);
  assert.deepEqual(at(cut, "counts"), at(structured, "counts"));
});
