import assert from "node:assert/strict";
import { resolveTargets } from "../../lib/targets/expression.ts";
import { createRandom } from "../../scripts/chaos/random.ts";
import { assertCheap } from "../assert_cheap.ts";

const HOSTS = [
  ...Array.from({ length: 20 }, (_, at) => ({
    name: `web${String(at + 1).padStart(2, "0")}`,
    tags: at < 10 ? ["prod", "web"] : ["web"],
  })),
  { name: "db1", tags: ["db", "prod"] },
  { name: "db2", tags: ["db"] },
  { name: "db10", tags: ["db"] },
  { name: "mail.example.org", tags: [] },
];

const GROUPS = new Map([
  ["pair", new Set(["web01", "db10"])],
  ["partly-hidden", new Set(["web02", "not-there"])],
  ["hidden", new Set(["not-there"])],
]);
const TARGETS = { all: HOSTS, groups: GROUPS };

function names(expression: string): string {
  const resolved = resolveTargets(expression, TARGETS);
  return resolved.kind === "targets"
    ? resolved.targets.map(({ name }) => name).join(" ")
    : resolved.reason;
}

for (
  const [expression, expected] of [
    ["db1", "db1"],
    ["db2 db1", "db1 db2"],
    ["db2,db1", "db1 db2"],
    ["db[1-2]", "db1 db2"],
    ["db[1,10]", "db1 db10"],
    ["web[01-03]", "web01 web02 web03"],
    ["web0[1-3]", "web01 web02 web03"],
    ["db*", "db1 db2 db10"],
    ["db?", "db1 db2"],
    ["*.example.org", "mail.example.org"],
    ["web[1-2]0", "web10 web20"],
    ["web[1-2]*", "web10 web11 web12 web13 web14 web15 web16 web17 web18 web19 web20"],
    ["@db", "db1 db2 db10"],
    ["@db & @prod", "db1"],
    ["@db&@prod", "db1"],
    ["@db !db1", "db2 db10"],
    ["@prod ! web* ", "db1"],
    ["@all & @db ! db[1-2]", "db10"],
    ["db1, @db & db[1,10] ! db10", "db1"],
    ["@db & @prod\ndb10", "db1 db10"],
    ["", 'targets are empty: "@all" means all hosts'],
    ["  , ", 'targets are empty: "@all" means all hosts'],
    ["web99", 'unknown host "web99"; did you mean "web09" or "web19" or "web01"?'],
    [
      "web[18-23]",
      'unknown host "web21" and 2 more of "web[18-23]"; did you mean "web01" or "web11" or "web20"?',
    ],
    ["x*", 'no host matches "x*"'],
    ["@pair", "web01 db10"],
    ["@pair & @db", "db10"],
    ["@partly-hidden", "web02"],
    ["@hidden", 'unknown tag or group "@hidden"'],
    ["@hiddn", 'unknown tag or group "@hiddn"'],
    ["@prood", 'unknown tag or group "@prood"; did you mean "@prod"?'],
    ["@db & web01", 'no host is in "@db & web01"'],
    ["@db ! db1 web01", '"web01" follows "&" or "!": put it before them'],
    ["! db1", 'targets begin with "!": put hosts before it'],
    ["db1 &", 'nothing follows "&"'],
    ["db1 & ! db2", '"&" and "!" follow each other'],
    ["db[1", '"db[1" has a bracket without its pair: a range is written as [01-20,31]'],
    ["web[01-10/4]", "web01 web05 web09"],
    ["db[1-10/9]", "db1 db10"],
    ["db[1-2/0]", '"db[1-2/0]" has a bad range "[1-2/0]": write [01-20,31] or [01-19/2]'],
    ["db[]", '"db[]" has a bad range "[]": write [01-20,31] or [01-19/2]'],
    ["db[a-c]", '"db[a-c]" has a bad range "[a-c]": write [01-20,31] or [01-19/2]'],
    ["db[3-1]", '"db[3-1]" has a range that ends before it begins: "[3-1]"'],
    ["db[1-99999]", '"db[1-99999]" stands for more than 10000 names'],
    ["db[1-999][1-999]", '"db[1-999][1-999]" stands for more than 10000 names'],
  ] as const
) {
  Deno.test(`resolveTargets() of ${JSON.stringify(expression)}: ${expected.slice(0, 60)}`, () => {
    assert.equal(names(expression), expected);
  });
}

Deno.test("resolveTargets() takes no time that grows faster than its texts", async () => {
  const hosts = Array.from(
    { length: 1_000 },
    (_, at) => ({ name: "a".repeat(240) + at, tags: [] }),
  );
  const expression = "*a".repeat(2_000);
  await assertCheap(5_000, () => resolveTargets(expression, { all: hosts, groups: new Map() }));
});

/** What a tree of terms means, without the language. */
interface Term {
  readonly text: string;
  readonly names: ReadonlySet<string>;
}

const TERMS: readonly Term[] = [
  ...HOSTS.map(({ name }) => ({ text: name, names: new Set([name]) })),
  ...["prod", "web", "db"].map((tag) => ({
    text: `@${tag}`,
    names: new Set(HOSTS.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name)),
  })),
  { text: "@pair", names: new Set(["web01", "db10"]) },
  { text: "@all", names: new Set(HOSTS.map(({ name }) => name)) },
  { text: "web*", names: new Set(HOSTS.slice(0, 20).map(({ name }) => name)) },
  {
    text: "web[05-12,20]",
    names: new Set([5, 6, 7, 8, 9, 10, 11, 12, 20].map((n) => `web${String(n).padStart(2, "0")}`)),
  },
];

Deno.test("resolveTargets() agrees with a naive evaluator on 10,000 random expressions", () => {
  const random = createRandom(42);
  for (let round = 0; round < 10_000; round++) {
    let expected = new Set<string>();
    let text = "";
    for (let at = 0; at <= round % 4; at++) {
      const term = random.pick(TERMS);
      text += (at === 0 ? "" : random.pick([" ", ",", ", "])) + term.text;
      expected = new Set([...expected, ...term.names]);
    }
    for (let at = 0; at < round % 3; at++) {
      const term = random.pick(TERMS);
      const operator = random.pick(["&", "!"]);
      text += random.pick(["", " "]) + operator + random.pick(["", " "]) + term.text;
      expected = new Set(
        [...expected].filter((name) => term.names.has(name) === (operator === "&")),
      );
    }
    const resolved = resolveTargets(text, TARGETS);
    const found = resolved.kind === "targets" ? resolved.targets.map(({ name }) => name) : [];
    assert.deepEqual(found.toSorted(), [...expected].toSorted(), text);
  }
});

const FLEET = Array.from({ length: 5_000 }, (_, at) => ({ name: `web${at}`, tags: ["web"] }));

/** As many different words as have room. */
function words(write: (at: number) => string): string {
  const all = Array.from({ length: 1_000 }, (_, at) => write(at)).join(" ");
  return all.slice(0, all.lastIndexOf(" ", 4_096));
}

for (
  const [what, expression] of [
    ["ranges in globs", words((at) => `*[1-${9_999 - at}]`)],
    ["ranges", words((at) => `web[0-${4_999 - at}]`)],
    ["globs", words((at) => `*b${at}*`)],
    ["words for all", words(() => "@all")],
    ["lines for all", words(() => "@all").replaceAll(" ", "\n")],
  ] as const
) {
  Deno.test(`resolveTargets() keeps nobody waiting for ${what}`, () => {
    const resolved = resolveTargets(expression, { all: FLEET, groups: new Map() });
    assert.deepEqual(resolved.kind === "refused" && resolved.reason, TOO_LONG);
  });
}

const TOO_LONG = "targets take too long to look up: use fewer globs and ranges";

Deno.test("resolveTargets() reads a glob with a long range, and a long list of names, in a large fleet", () => {
  const count = (expression: string) => {
    const resolved = resolveTargets(expression, { all: FLEET, groups: new Map() });
    return resolved.kind === "targets" ? resolved.targets.length : resolved.reason;
  };
  assert.equal(count("w*[1-9999]*"), 5_000 - 1);
  assert.equal(count(words((at) => `web${at}`)), 601);
  assert.equal(count("web[0-4999]"), 5_000);
});
