import assert from "node:assert/strict";
import { resolveTargets } from "../../lib/targets/expression.ts";
import { createRandom, type Random } from "../../scripts/chaos/random.ts";

const HOSTS = [
  ...["web01", "web02", "web03", "web09", "web10", "web11", "web100"].map((name, at) => ({
    name,
    tags: at % 2 === 0 ? ["prod", "odd"] : ["lab"],
  })),
  ...["db1", "db2", "db10", "db-a", "r1n1", "r1n2", "r2n1", "7", "mail.example.org", "_x"].map(
    (name, at) => ({ name, tags: at % 3 === 0 ? ["prod"] : [] }),
  ),
];
const GROUPS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["front", new Set(["web01", "web02", "mail.example.org", "not-visible"])],
  ["none-visible", new Set(["not-visible"])],
]);
const NAMES = HOSTS.map(({ name }) => name);

/**
 * Whether one host is in an expression, looked at host by host: each word is a regular expression for
 * names. Throws where the language refuses the expression.
 */
function isIn(host: typeof HOSTS[number], text: string): boolean {
  return text.split("\n").map((line) => {
    const [union = "", ...rest] = line.split(/(?=[&!])/);
    const terms = wordsIn(union);
    if (terms.length === 0) throw new Error("it begins with an operator, or is empty");
    let result = terms.map((word) => means(host, word)).includes(true);
    for (const part of rest) {
      const words = wordsIn(part.slice(1));
      const [word] = words;
      if (words.length !== 1 || word === undefined) throw new Error("not one word");
      result = means(host, word) ? part.startsWith("&") && result : part.startsWith("!") && result;
    }
    return result;
  }).includes(true);
}

/** Words without operators. A comma in brackets is hidden while they are split. */
function wordsIn(text: string): string[] {
  return text.replace(/\[[^\]]*\]/g, (range) => range.replaceAll(",", ";"))
    .split(/[\s,]/).filter((word) => word !== "");
}

function means({ name, tags }: typeof HOSTS[number], word: string): boolean {
  if (word === "@all") return true;
  if (word.startsWith("@")) {
    const label = word.slice(1);
    const isTag = HOSTS.some((host) => host.tags.includes(label));
    const isGroup = NAMES.some((known) => GROUPS.get(label)?.has(known));
    if (!isTag && !isGroup) throw new Error("neither a tag nor a group");
    return tags.includes(label) || GROUPS.get(label)?.has(name) === true;
  }
  const choices = spell(word);
  if (/[*?]/.test(word)) {
    const globs = choices.map((choice) =>
      new RegExp(
        `^${
          choice.split("*").map((part) => part.split("?").map(RegExp.escape).join(".")).join(".*")
        }$`,
      )
    );
    if (!NAMES.some((known) => globs.some((glob) => glob.test(known)))) throw new Error("no match");
    return globs.some((glob) => glob.test(name));
  }
  if (!choices.every((choice) => NAMES.includes(choice))) throw new Error("unknown");
  return choices.includes(name);
}

/** All that the first range of a word can be, and so on for the next one. */
function spell(word: string): string[] {
  const [, before, range, after] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(word) ?? [];
  if (before === undefined || range === undefined || after === undefined) {
    if (/[[\]]/.test(word)) throw new Error("half a range");
    return [word];
  }
  if (before.includes("]")) throw new Error("half a range");
  return range.split(";").flatMap((item) => {
    if (!/^\d{1,9}(-\d{1,9})?$/.test(item)) throw new Error("bad range");
    const [low = "", high = low] = item.split("-");
    if (Number(high) < Number(low)) throw new Error("backwards");
    const all: string[] = [];
    for (let number = Number(low); number <= Number(high); number++) {
      all.push(low.startsWith("0") ? `${number}`.padStart(low.length, "0") : `${number}`);
    }
    return all.flatMap((number) => spell(before + number + after));
  });
}

const WORDS = [
  ...NAMES,
  ...["web*", "*1", "*", "???", "db?", "r[1-2]n*", "w*0?", "*.example.*", "web*[0-1]"],
  ...["web[01-03]", "web[09-11]", "web[01,09]", "web[1-2]", "r1n[1-2]", "r[1-2]n1", "r[1,2]n[1]"],
  ...[
    "db[1-2,10]",
    "db[10,2]",
    "[7]",
    "web1[0-1]",
    "web[100]",
    "web[3-1]",
    "web[]",
    "web[a]",
    "w[1",
  ],
  ...["@prod", "@lab", "@odd", "@all", "@front", "@none-visible", "@nope", "@", "nope", "x*"],
];
/** Mostly what can be read: of random words nearly all expressions would be refused. */
const GOOD = WORDS.filter((word) => {
  try {
    return NAMES.some((name) => means({ name, tags: [] }, word)) || true;
  } catch {
    return false;
  }
});

function randomExpression(random: Random): string {
  const word = () => random.pick(random.next() < 0.97 ? GOOD : WORDS);
  const blank = () => random.pick(["", "", " ", "  ", "\t"]);
  const joint = () => random.pick([" ", ",", ", ", " ,, "]);
  const count = (most: number) => Math.floor(random.next() * (most + 1));
  const lines = Array.from({ length: random.next() < 0.9 ? 1 : 2 }, () => {
    let text = blank() + word();
    for (let left = count(3); left > 0; left--) text += joint() + word();
    for (let left = count(3); left > 0; left--) {
      text += blank() + random.pick(["&", "!"]) + blank() + word();
    }
    const slip = random.next();
    if (slip < 0.02) return `${text}${joint()}${word()}`;
    if (slip < 0.03) return random.pick([`&${text}`, `${text} !`, `${text} & ! db1`, " , "]);
    return text + blank();
  });
  return lines.join("\n");
}

Deno.test("resolveTargets() agrees with a host by host evaluator on 10,000 random expressions", () => {
  const random = createRandom(2026);
  const seen = { targets: 0, refused: 0 };
  for (let round = 0; round < 10_000; round++) {
    const text = randomExpression(random);
    let expected: string[] = [];
    try {
      expected = HOSTS.filter((host) => isIn(host, text)).map(({ name }) => name);
    } catch {
      // It is to be refused, as one that means no host.
    }
    const resolved = resolveTargets(text, { all: HOSTS, groups: GROUPS });
    const found = resolved.kind === "targets" ? resolved.targets.map(({ name }) => name) : [];
    assert.deepEqual(found, expected, JSON.stringify(text));
    seen[resolved.kind]++;
  }
  assert.ok(seen.targets > 5_000 && seen.refused > 1_000, JSON.stringify(seen));
});

Deno.test("resolveTargets() refuses a union behind & and !, which other programs read in two ways", () => {
  for (const text of ["db1 & @prod web01", "db1 ! db2, db10", "@all & web* @lab ! db1"]) {
    const resolved = resolveTargets(text, { all: HOSTS, groups: GROUPS });
    assert.equal(resolved.kind, "refused", text);
    assert.match(resolved.kind === "refused" ? resolved.reason : "", / follows "&" or "!"/);
  }
});
