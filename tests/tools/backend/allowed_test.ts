import assert from "node:assert/strict";
import { parseRegistry } from "../../../lib/config/registry/load.ts";
import { findCallRefusal } from "../../../lib/tools/backend/allowed.ts";
import { fakeSources } from "../../config/fake_sources.ts";
import { labHost } from "../../lab/host.ts";

const toml = { path: "/etc/hosts.toml" };
const NONE = new Set<string>();

Deno.test("findCallRefusal() says how to allow a tool that is off", () => {
  const host = labHost({ name: "tesla", callTools: NONE });
  assert.equal(
    findCallRefusal("backup", host, toml),
    '"backup" may not be called on "tesla": calls of its own tools are off there; the hub\'s ' +
      'operator can allow it: call_tools = ["backup"] in [hosts.tesla] of /etc/hosts.toml',
  );
});

Deno.test("findCallRefusal() does not show the registry's path to whoever may not know it", () => {
  for (const callTools of [NONE, new Set(["other"])]) {
    const host = labHost({ name: "tesla", callTools });
    const refusal = findCallRefusal("backup", host, { path: null }) ?? "";
    assert.match(refusal, /call_tools.* in \[hosts\.tesla\] of its registry$/);
  }
});

Deno.test("findCallRefusal() does not suggest to forbid what is allowed", () => {
  const many = Array.from({ length: 22 }, (_, index) => `t${index}`);
  const host = labHost({ name: "tesla", callTools: new Set(many) });
  assert.match(
    findCallRefusal("backup", host, toml) ?? "",
    /allows t0, .*, t19 and 2 more alone; .*: add "backup" to call_tools in \[hosts\.tesla\] of /,
  );
});

Deno.test("findCallRefusal() allows what is named, and all where all are", () => {
  assert.equal(findCallRefusal("a", labHost({ callTools: null }), toml), null);
  assert.equal(findCallRefusal("a", labHost({ callTools: new Set(["a"]) }), toml), null);
  assert.notEqual(findCallRefusal("A", labHost({ callTools: new Set(["a"]) }), toml), null);
});

for (const name of ["tesla", "tesla.example.org"]) {
  Deno.test(`findCallRefusal() says what can be put into a registry, for ${name}`, async () => {
    const refusal = findCallRefusal("a/b", labHost({ name, callTools: NONE }), toml) ?? "";
    const [, setting, table] = /: (call_tools = .*) in (\[.*\]) of/.exec(refusal) ?? [];
    const text = `${table}\nlmcp_url = "http://a/"\n${setting}\n`;
    const { registry, problems } = await parseRegistry(text, {
      ...fakeSources(),
      path: toml.path,
      defaults: labHost().timeouts,
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(registry.hosts.get(name)?.callTools, new Set(["a/b"]));
  });
}
