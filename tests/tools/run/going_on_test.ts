import assert from "node:assert/strict";
import type { Host } from "../../../lib/fleet/host.ts";
import type { HostResult } from "../../../lib/targets/folding/host_result.ts";
import { resolveTargets } from "../../../lib/targets/expression.ts";
import { answerRun } from "../../../lib/tools/run/answer.ts";
import { RunReport } from "../../../lib/tools/run/report.ts";
import type { ShorterAnswer } from "../../../lib/mcp/tool.ts";
import { labHost } from "../../lab/host.ts";
import { noResult, result } from "../../targets/folding/results.ts";

/** Names of which no two are written together. */
function oddHosts(count: number): Host[] {
  const letters = (at: number) => String.fromCharCode(...[at / 26, at % 26].map((one) => 97 + one));
  return Array.from({ length: count }, (_, at) => labHost({ name: `host-${letters(at)}-of-it` }));
}

/** The text in so many characters of a run in which some hosts had results, and the others no turn. */
function textOf(
  hosts: readonly Host[],
  { results, stopped, targets = "@all", maxChars }: {
    readonly results: readonly HostResult[];
    readonly stopped: string | null;
    readonly targets?: string;
    readonly maxChars: number;
  },
): string {
  const report = new RunReport(hosts);
  const done = new Map(results.map((one) => [one.host, one]));
  for (const host of hosts) {
    const result = done.get(host.name);
    if (result === undefined) report.skip(host);
    else report.add({ host, result, isEarlier: result.outcome === "ok" });
  }
  const offers: ShorterAnswer[] = [];
  const offerShorter = (offer: ShorterAnswer) => {
    offers.push(offer);
  };
  answerRun({ report, stopped }, { targets, durationMs: 1_000, offerShorter });
  return offers[0]?.text(maxChars) ?? "";
}

Deno.test("a run that stopped says how to go on, however its hosts are called", () => {
  const hosts = oddHosts(500);
  const results = hosts.slice(0, 2).map(({ name }) => result(name, { exitCode: 1 }));
  const text = textOf(hosts, { results, stopped: "2 failed, max_fail is 0", maxChars: 4_000 });
  const [, targets = "", expect] = /^to go on: targets="(.*)", expect=(\d+)$/m.exec(text) ?? [];
  const all = hosts.map(({ name }) => ({ name, tags: [] }));
  const resolved = resolveTargets(targets, { all, groups: new Map() });
  assert.deepEqual(
    resolved.kind === "targets" && resolved.targets.map(({ name }) => name),
    hosts.slice(2).map(({ name }) => name),
    text,
  );
  assert.equal(expect, "498");
});

Deno.test("a run of which several expressions are joined says no wrong way to go on", () => {
  const hosts = oddHosts(500);
  const results = hosts.slice(0, 1).map(({ name }) => result(name, { exitCode: 1 }));
  const options = { results, stopped: "1 failed", targets: "@a & @b\n@c", maxChars: 4_000 };
  assert.match(textOf(hosts, options), /^to go on: the 499 skipped hosts$/m);
});

Deno.test("an answer has no more characters than it may where many hosts stopped a run", () => {
  const hosts = oddHosts(500);
  const results = hosts.slice(0, 400).map(({ name }, at) =>
    at % 2 === 0 ? noResult(name, "unknown", "lost") : result(name, { stdout: "x" })
  );
  const stopped = `outcome unknown on ${hosts.map(({ name }) => name).join(" ")}`;
  for (const maxChars of [500, 1_000, 4_000]) {
    const text = textOf(hosts, { results, stopped, maxChars });
    assert.ok(text.length <= maxChars, `${text.length} of ${maxChars}`);
    for (const start of ["stopped: outcome", "to go on: ", "not run again", "== host-aa"]) {
      assert.ok(text.includes(`\n${start}`), text);
    }
  }
});
