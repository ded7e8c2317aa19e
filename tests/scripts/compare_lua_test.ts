import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { formatReport, judge } from "../../scripts/compare_lua/report.ts";

const UNKNOWN = "outcome unknown: it may have run, so it was not tried again; " +
  "look at the host before you repeat it";
const REFUSED = "lmcp: connect: connection refused";

const comparison = (lua: string, own: string, situation = "one") => (
  { subject: "remote_shell", situation, lua, own }
);

Deno.test("judge() knows the differences that are meant", () => {
  const { equal, known, unexplained } = judge([
    comparison("hi", "hi"),
    comparison("[via ssh fallback]\n[rc=0]\n", `Error: lmcp: http 500:  | ${UNKNOWN}`),
    comparison("Error: lmcp: http 500: ", `Error: lmcp: http 500:  | ${UNKNOWN}`),
    comparison('Error: unknown host "a"', 'Error: unknown host "a"; did you mean "b"?'),
    comparison("hi", "Error: missing `path` parameter (string: File path)"),
    comparison(
      "[via ssh fallback]\nno route\r\n",
      `Error: ${REFUSED} | ssh: ssh connect failed: no route`,
    ),
  ]);
  assert.deepEqual([equal.length, [...known.values()].flat().length, unexplained], [1, 5, []]);
});

for (
  const [what, lua, own] of [
    ["another text", "[via ssh fallback]\none", "[via ssh fallback]\ntwo"],
    ["a line feed more", "hi", "hi\n"],
    [
      "an error of unknown outcome for another reason",
      `Error: ${REFUSED}`,
      `Error: lmcp: timeout | ${UNKNOWN}`,
    ],
    [
      "a hint behind another text",
      'Error: unknown host "a"',
      'Error: no host "a"; did you mean "b"?',
    ],
    [
      "a failure of ssh in other words",
      "Error: ssh: cat exit 255: no route\r\n",
      "Error: lmcp:  | ssh: ssh connect failed: timeout",
    ],
    [
      "an argument that is refused where none is too many",
      "hi",
      "Error: lmcp:  | ssh: unknown `a` parameter (accepted: `b`)",
    ],
  ] as const
) {
  Deno.test(`judge() reports what is not meant: ${what}`, () => {
    const judged = judge([comparison(lua, own)]);
    assert.deepEqual(judged.unexplained, [comparison(lua, own)]);
    const report = formatReport(judged, { showsAll: false });
    assert.ok(report.includes(JSON.stringify(own)), report);
    assert.match(report, /\n1 comparisons: 0 equal, 0 known differences, 1 others$/);
  });
}

Deno.test("task lua says that it needs the Lua hub's program", async () => {
  const script = fileURLToPath(new URL("../../scripts/compare_lua.ts", import.meta.url));
  const args = ["run", "--quiet", "--no-prompt", "-P=bench", script];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /^lua: --hub must name the Lua hub's program/);
});
