import assert from "node:assert/strict";
import { type ChainHead, hashBehind, linkLines, NO_LINE, readLink } from "../../lib/audit/chain.ts";
import { checkAuditFiles } from "../../lib/audit/check_files.ts";
import { formatProblem, hasError } from "../../lib/base/problem.ts";

/** What is tried. */
const ROUNDS = 1_500;

const encode = (text: string) => new TextEncoder().encode(text);

/** Numbers below `limit` that look random, and are the same in each run. */
function createRandom(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 256) % limit;
  };
}

function linkOne(line: string, head: ChainHead): string {
  return new TextDecoder().decode(linkLines(`${line}\n`, head).bytes).trimEnd();
}

/** Lines that hubs wrote, some of which a crash has cut off. */
function writeLines(random: (limit: number) => number): string[] {
  const lines: string[] = [];
  let head = NO_LINE;
  const count = 4 + random(10);
  while (lines.length < count) {
    const whole = linkOne(`{"what":"line ${lines.length}"}`, head);
    const isCut = lines.length > 0 && random(6) === 0;
    const line = isCut ? whole.slice(0, 1 + random(whole.length - 2)) : whole;
    head = { seq: head.seq + 1, hash: hashBehind(encode(line), head.hash) };
    lines.push(line);
  }
  return lines;
}

const TAMPERINGS: readonly ((lines: string[], at: number, to: number) => void)[] = [
  (lines, at) => lines.splice(at, 1),
  (lines, at, to) => lines.splice(to, 0, ...lines.splice(at, 1)),
  (lines, at, to) => lines.splice(to, 0, lines[at] ?? ""),
  (lines, at) => lines[at] = (lines[at] ?? "").replace("line", "lime"),
  (lines, at) => lines.splice(at, 0, '{"what":"new"}'),
  (lines, at) => lines.splice(at, 0, '{"what":"to'),
  (lines, at, to) => lines[at] = (lines[at] ?? "").slice(0, 1 + to),
  (lines, at) => {
    const before = encode(lines[at - 1] ?? "");
    const head = at === 0
      ? NO_LINE
      : { seq: readLink(before)?.seq ?? at, hash: hashBehind(before, null) };
    lines.splice(at, 0, linkOne('{"what":"forged"}', head));
  },
];

function isTorn(line: string): boolean {
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

/** Lines without those at the end that a crash may have cut off. */
function withoutTornEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => !isTorn(line)) + 1);
}

/**
 * Whether no file can show what was done: lines are missing at the beginning or at the end, the last one
 * is another, lines were cut off behind it, or lines without a chain are in a file before it.
 */
function isBeyondProof(
  lines: readonly string[],
  tampered: readonly string[],
  cut: number,
): boolean {
  const whole = withoutTornEnd(tampered);
  const certain = whole.length < tampered.length && lines.includes(whole.at(-1) ?? "")
    ? whole
    : withoutTornEnd(whole.slice(0, -1));
  const isPart = lines.some((_, from) =>
    certain.every((line, index) => lines[from + index] === line)
  );
  const before = tampered.slice(0, cut);
  return isPart ||
    tampered[cut] === lines[0] && before.every((line) => readLink(encode(line)) === null);
}

/** What is found in lines, the first of which are in a file of their own. */
async function check(lines: readonly string[], cut: number) {
  async function* readLines(path: string) {
    const own = path === "a" ? lines.slice(0, cut) : lines.slice(cut);
    for (const line of own) yield { bytes: encode(line), isEnded: true };
  }
  const { problems } = await checkAuditFiles(["a", "b"], { readLines });
  return problems;
}

Deno.test("checkAuditFiles() finds whatever is done to lines, and nothing where nothing was done", async () => {
  const random = createRandom(21);
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const lines = writeLines(random);
    const cut = 1 + random(lines.length - 1);
    const alarms = (await check(lines, cut)).filter(({ severity }) => severity === "error");
    assert.deepEqual(alarms.map(formatProblem), [], lines.join("\n"));
    const tampered = [...lines];
    for (let times = 1 + random(2); times > 0; times--) {
      const tamper = TAMPERINGS[random(TAMPERINGS.length)];
      tamper?.(tampered, random(tampered.length), random(tampered.length));
    }
    if (isBeyondProof(lines, tampered, cut)) continue;
    const problems = await check(tampered, cut);
    assert.ok(hasError(problems), `${lines.join("\n")}\n\n${tampered.join("\n")}`);
    found++;
  }
  assert.ok(found > ROUNDS / 2, `${found}`);
});
