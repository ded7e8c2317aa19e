import assert from "node:assert/strict";
import { parseTomlRegistry } from "../../../../lib/config/registry/formats/toml.ts";

for (
  const [what, text, line, message] of [
    [
      "a table twice",
      '[hosts.a]\nssh_host = "a"\n\n[hosts.a]\nssh_host = "b"\n',
      4,
      "[hosts.a] is there twice, first in line 1",
    ],
    [
      "a field twice",
      '[hosts.a]\nssh_host = "a"\n[hosts.b]\nssh_host = "b"\nssh_host = "secret"\n',
      5,
      "ssh_host is set twice, first in line 4",
    ],
    [
      "a table that is not closed",
      "[hosts.a\n",
      1,
      "invalid TOML: a table is written as [hosts.NAME]",
    ],
    [
      "a field without =",
      '[hosts.a]\ntoken "secret"\n',
      2,
      "invalid TOML: a field is written as NAME = VALUE",
    ],
    [
      "a text without quotes",
      "[hosts.a]\ntoken = secret\n",
      2,
      "invalid TOML: a text needs quotes",
    ],
    [
      "a text without its last quote",
      '[hosts.a]\ntoken = "secret\n',
      2,
      "invalid TOML: a text has no quote at its end, or holds a control character",
    ],
    [
      "a list without a comma",
      '[hosts.a]\ntags = ["a" "b"]\n',
      2,
      "invalid TOML: expected comma or end of structure",
    ],
  ] as const
) {
  Deno.test(`parseTomlRegistry() says what is wrong with ${what}`, () => {
    const { problems } = parseTomlRegistry(text, "/r.toml");
    assert.deepEqual(problems, [
      { severity: "error", source: "/r.toml", line, field: null, message },
    ]);
  });
}
