import assert from "node:assert/strict";
import plugin from "../../scripts/promises.ts";

/** What the plugin reports of a source, were it the file at a path of this project. */
function lint(path: string, source: string): string[] {
  const { pathname } = new URL(`../../${path}`, import.meta.url);
  return Deno.lint.runPlugin(plugin, pathname, source).map(({ message }) => message);
}

for (
  const source of [
    "void work();",
    "const start = () => void prober.probe(host);",
    "void work().then(done);",
    "void work().finally(done);",
    "void promise;",
    "work().then(done);",
    "work().finally(done);",
    "work().catch(report).finally(done);",
  ]
) {
  Deno.test(`no-unhandled refuses ${source}`, () => {
    for (const file of ["main.ts", "lib/hub/fleet.ts"]) {
      const [message = "", ...others] = lint(file, source);
      assert.match(message, /: end it with \.catch\(\), or wait for it/);
      assert.deepEqual(others, []);
    }
    assert.deepEqual(lint("tests/a_test.ts", source), []);
  });
}

for (
  const source of [
    "void work().catch(report);",
    "void work().then(done, report);",
    "const stop = async () => void await work();",
    "work().then(done, report);",
    "work().then(done).catch(report);",
    "const later = work().then(done);",
    "await work().then(done);",
    "work();",
    "a.b();",
  ]
) {
  Deno.test(`no-unhandled accepts ${source}`, () => {
    assert.deepEqual(lint("lib/hub/fleet.ts", source), []);
  });
}
