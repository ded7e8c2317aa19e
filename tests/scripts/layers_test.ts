import assert from "node:assert/strict";
import plugin from "../../scripts/layers.ts";

/** What the plugin reports of a source, were it the file at a path of this project. */
function lint(path: string, source: string): string[] {
  const { pathname } = new URL(`../../${path}`, import.meta.url);
  return Deno.lint.runPlugin(plugin, pathname, source).map(({ id, message }) =>
    `${id}: ${message}`
  );
}

const allowed: readonly (readonly [string, string])[] = [
  ["main.ts", "./lib/modes/serve.ts"],
  ["main.ts", "./lib/base/problem.ts"],
  ["lib/modes/serve.ts", "./stdio.ts"],
  ["lib/modes/serve.ts", "../cli/command.ts"],
  ["lib/modes/serve.ts", "../tools/shell.ts"],
  ["lib/hub/open.ts", "../http/auth.ts"],
  ["lib/http/handler.ts", "../mcp/server.ts"],
  ["lib/http/pages/health.ts", "../handler.ts"],
  ["lib/tools/shell.ts", "../mcp/tool.ts"],
  ["lib/tools/shell.ts", "../work/shell.ts"],
  ["lib/agent/shell.ts", "../mcp/tool.ts"],
  ["lib/agent/shell.ts", "../shell/session.ts"],
  ["lib/cli/command.ts", "../config/settings.ts"],
  ["lib/config/registry/load.ts", "../../fleet/host.ts"],
  ["lib/config/settings.ts", "./registry/load.ts"],
  ["lib/fleet/ssh/client.ts", "../../shell/session.ts"],
  ["lib/fleet/ssh/client.ts", "../../base/process.ts"],
  ["lib/fleet/lmcp/client.ts", "../../mcp/message.ts"],
  ["lib/fleet/lmcp/client.ts", "../ssh/client.ts"],
  ["lib/fleet/outcome.ts", "../mcp/message.ts"],
  ["lib/work/shell.ts", "../shell/quote.ts"],
  ["lib/shell/session.ts", "../base/process.ts"],
  ["lib/base/version.ts", "../../deno.json"],
  ["lib/base/log.ts", "./secret.ts"],
  ["lib/base/log.ts", "zod"],
  ["lib/base/log.ts", "node:crypto"],
  ["tests/cli/command_test.ts", "../../lib/cli/command.ts"],
  ["scripts/dev.ts", "../main.ts"],
];

for (const [file, specifier] of allowed) {
  Deno.test(`imports-point-down lets ${file} import ${specifier}`, () => {
    assert.deepEqual(lint(file, `import "${specifier}";`), []);
  });
}

const refused: readonly (readonly [string, string, string])[] = [
  ["lib/fleet/ssh/client.ts", "../../tools/shell.ts", "up"],
  ["lib/fleet/probe.ts", "../config/settings.ts", "up"],
  ["lib/mcp/server.ts", "../modes/serve.ts", "up"],
  ["lib/mcp/server.ts", "../http/handler.ts", "up"],
  ["lib/mcp/server.ts", "../fleet/host.ts", "up"],
  ["lib/work/shell.ts", "../fleet/host.ts", "up"],
  ["lib/modes/serve.ts", "../../main.ts", "up"],
  ["lib/hub/open.ts", "../modes/serve.ts", "up"],
  ["lib/base/process.ts", "../shell/session.ts", "up"],
  ["lib/base/secret.ts", "../config/settings.ts", "up"],
  ["lib/tools/shell.ts", "../agent/shell.ts", "sideways"],
  ["lib/tools/shell.ts", "../http/handler.ts", "sideways"],
  ["lib/mcp/server.ts", "../shell/session.ts", "sideways"],
  ["lib/audit/trail.ts", "../metrics/page.ts", "sideways"],
];

for (const [file, specifier, direction] of refused) {
  Deno.test(`imports-point-down refuses ${file} importing ${specifier}`, () => {
    const [message = "", ...others] = lint(file, `import "${specifier}";`);
    assert.match(
      message,
      new RegExp(`^layers/imports-point-down: ${file} imports .*${direction}$`),
    );
    assert.deepEqual(others, []);
  });
}

for (
  const source of [
    'import { a } from "../tools/a.ts";',
    'import type { A } from "../tools/a.ts";',
    'export { a } from "../tools/a.ts";',
    'export type { A } from "../tools/a.ts";',
    'export * from "../tools/a.ts";',
    'const a = await import("../tools/a.ts");',
    'type A = import("../tools/a.ts").A;',
  ]
) {
  Deno.test(`imports-point-down sees ${source}`, () => {
    assert.equal(lint("lib/fleet/a.ts", source).length, 1);
  });
}

Deno.test("imports-point-down takes an export of one's own for no import", () => {
  assert.deepEqual(lint("lib/fleet/a.ts", "export const a = 1; export { a as b };"), []);
});

Deno.test("imports-point-down refuses an import() that it cannot read", () => {
  assert.deepEqual(lint("lib/fleet/a.ts", "await import(`../${name}.ts`);"), [
    "layers/imports-point-down: import() of a computed path cannot be checked: " +
    "write the path out",
  ]);
});

Deno.test("imports-point-down refuses tests and scripts in the program", () => {
  for (const target of ["tests/fake_sources.ts", "scripts/layers.ts"]) {
    assert.deepEqual(lint("lib/fleet/a.ts", `import "../../${target}";`), [
      `layers/imports-point-down: lib/fleet/a.ts imports ${target}, ` +
      "which is not part of the program",
    ]);
  }
});

Deno.test("imports-point-down asks for a floor for what has none", () => {
  const message = "is on no floor: name it in scripts/layers.ts";
  assert.deepEqual(lint("lib/new/a.ts", 'import "../base/secret.ts";'), [
    `layers/imports-point-down: lib/new/a.ts ${message}`,
  ]);
  assert.deepEqual(lint("main.ts", 'import "./lib/utils.ts";'), [
    `layers/imports-point-down: lib/utils.ts ${message}`,
  ]);
});

const uses: readonly (readonly [string, string, string])[] = [
  ["Deno.args;", "main.ts", "only main.ts uses Deno.args"],
  ["Deno.exit(1);", "main.ts", "only main.ts uses Deno.exit"],
  ['Deno["exit"](1);', "main.ts", "only main.ts uses Deno.exit"],
  ["globalThis.Deno.exit(1);", "main.ts", "only main.ts uses Deno.exit"],
  ["const { exit } = Deno;", "main.ts", "only main.ts uses Deno.exit"],
  ["const { exit: leave } = globalThis.Deno;", "main.ts", "only main.ts uses Deno.exit"],
  ["Deno.exitCode = 1;", "main.ts", "only main.ts uses Deno.exitCode"],
  [
    'Deno.addSignalListener("SIGHUP", stop);',
    "main.ts",
    "only main.ts uses Deno.addSignalListener",
  ],
  [
    'Deno.removeSignalListener("SIGHUP", stop);',
    "main.ts",
    "only main.ts uses Deno.removeSignalListener",
  ],
  ['import "node:process";', "main.ts", "only main.ts imports node:process"],
  ['new Deno.Command("ssh");', "lib/base/process.ts", "only lib/base/process.ts uses Deno.Command"],
  [
    'import { spawn } from "node:child_process";',
    "lib/base/process.ts",
    "only lib/base/process.ts imports node:child_process",
  ],
  ["Deno.serve(handle);", "lib/http/listen.ts", "only lib/http/listen.ts uses Deno.serve"],
  [
    'import { createServer } from "node:http";',
    "lib/http/listen.ts",
    "only lib/http/listen.ts imports node:http",
  ],
];

for (const [source, user, message] of uses) {
  Deno.test(`sole-users leaves ${source} to ${user}`, () => {
    assert.deepEqual(lint("lib/fleet/a.ts", source), [`layers/sole-users: ${message}`]);
    assert.deepEqual(lint(user, source), []);
    assert.deepEqual(lint("scripts/a.ts", source), []);
    assert.deepEqual(lint("tests/a_test.ts", source), []);
  });
}

Deno.test("sole-users leaves the rest of Deno to everyone", () => {
  const source = "Deno.env.get(name); other.exit(); a.b.exit(); Deno[exit](); Deno[0]; " +
    "const { env } = Deno; const { exit } = other; const { args } = a.b;";
  assert.deepEqual(lint("lib/fleet/a.ts", source), []);
});
