import assert from "node:assert/strict";
import { resolveTargets } from "../../lib/targets/expression.ts";
import { foldNames } from "../../lib/targets/fold_names.ts";
import { createRandom } from "../../scripts/chaos/random.ts";

for (
  const [names, folded] of [
    [[], ""],
    [["db1"], "db1"],
    [["web1", "web2", "web3"], "web[1-3]"],
    [["web01", "web09", "web10", "web11"], "web[01,09-11]"],
    [["web1", "web01"], "web1 web01"],
    [["web01", "web1", "web2", "web10"], "web[01,10] web[1-2]"],
    [["web1.example.org", "web2.example.org", "db"], "web[1-2].example.org db"],
    [["r1n1", "r1n2", "r2n1"], "r1n[1-2] r2n1"],
    [["web99", "web100"], "web[99-100]"],
    [["web099", "web100"], "web[099-100]"],
    [["a", "a"], "a"],
    [["0", "1"], "[0-1]"],
    [["n1", "n3", "n5"], "n[1,3,5]"],
    [["n01", "n03", "n05", "n07", "n08"], "n[01-07/2,08]"],
    [["n1", "n2", "n10", "n20", "n30", "n40"], "n[1-2,10-40/10]"],
    [["n12345678901", "n12345678902"], "n12345678901 n12345678902"],
    [["a b", "@all", "x*", "db[1-2]", ""], '"a b" "@all" "x*" "db[1-2]" ""'],
    [["a,1", "a,2", "!", "&", "é1", "é2"], '"a,1" "a,2" "!" "&" é[1-2]'],
    [["-1", "-2", ".1", "_", "1-2", "1-3"], "-[1-2] .1 _ 1-[2-3]"],
  ] as const
) {
  Deno.test(`foldNames() writes ${names.join(" ") || "nothing"} as "${folded}"`, () => {
    assert.equal(foldNames(names), folded);
  });
}

Deno.test("foldNames() of any names is an expression of the same names", () => {
  const random = createRandom(7);
  const pick = (from: readonly string[]) => random.pick(from);
  for (let round = 0; round < 2_000; round++) {
    const names = new Set(
      Array.from({ length: 1 + round % 30 }, () => {
        const number = pick(["", "0", "00", "000"]) +
          pick(["0", "1", "2", "9", "10", "11", "99", "100"]);
        return pick(["web", "db-", "r1n", ""]) + number + pick(["", ".example.org", "a", "-2"]);
      }),
    );
    const hosts = [...names].map((name) => ({ name, tags: [] }));
    const resolved = resolveTargets(foldNames(names), { all: hosts, groups: new Map() });
    assert.equal(resolved.kind, "targets", JSON.stringify([...names]));
    assert.ok(
      resolved.kind === "targets" && resolved.targets.length === names.size,
      [...names].join(),
    );
  }
});

Deno.test("foldNames() of names with any characters means these names or nothing", () => {
  const random = createRandom(11);
  const chars = [..."ab01-._@&!,*?[] \"\\'\n\té"];
  let refused = 0;
  for (let round = 0; round < 5_000; round++) {
    const names = Array.from(
      { length: 1 + round % 4 },
      () =>
        Array.from({ length: 1 + Math.floor(random.next() * 5) }, () => random.pick(chars)).join(
          "",
        ),
    );
    // Hosts that a wrong expression would find.
    const others = ["a", "b", "0", "1", "a0", "a1", "b1", "ab", "-", "a-1"];
    const all = [...new Set([...names, ...others])].map((name) => ({ name, tags: ["a", "b"] }));
    const resolved = resolveTargets(foldNames(names), { all, groups: new Map() });
    if (resolved.kind === "refused") refused++;
    else {
      const found = resolved.targets.map(({ name }) => name);
      assert.deepEqual(found.toSorted(), [...new Set(names)].toSorted(), foldNames(names));
    }
    const isPlain = names.every((name) => /^[\w.é'\\-]+$/.test(name));
    assert.ok(!isPlain || resolved.kind === "targets", JSON.stringify(names));
  }
  assert.ok(refused > 1_000 && refused < 4_900, String(refused));
});

Deno.test("foldNames() writes no range of more names than an expression may have", () => {
  const names = Array.from({ length: 25_000 }, (_, at) => `n${at + 1}`);
  assert.equal(foldNames(names), "n[1-10000] n[10001-20000] n[20001-25000]");
});
