import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { parseCommand } from "../../lib/cli/command.ts";
import { roleArgument } from "../../lib/cli/role.ts";
import { parseOptions } from "../../scripts/bench/options.ts";
import { SECTIONS } from "../../scripts/bench/sections/all.ts";
import { parseOptions as parseCompareOptions } from "../../scripts/compare_lua/options.ts";
import { parseDevOptions } from "../../scripts/dev/options.ts";
import { parseTargets } from "../../scripts/compile/target.ts";
import { parseOptions as parseDebOptions } from "../../scripts/deb/options.ts";
import { parseRepository } from "../../scripts/mcpb/options.ts";
import {
  codeSpans,
  type Document,
  prose,
  readDocuments,
  ROOT,
  shellSnippets,
} from "./documents.ts";
import { type ShellCommand, shellCommands } from "./shell_commands.ts";

const documents = await readDocuments();
const commands = (await Promise.all(documents.map(commandsOf))).flat();

Deno.test("the documents call lmcp-hub and lmcp-agent with arguments that they take", () => {
  const calls = commands.flatMap((command) => {
    const at = command.findIndex((word, index) =>
      /^(?:\.\/)?lmcp-(?:hub|agent)$/.test(word) && isStarted(command, index)
    );
    return at < 0 ? [] : [command.slice(at)];
  });
  assert.ok(calls.length > 10);
  for (const [name = "", ...args] of calls) {
    const role = roleArgument(name.endsWith("agent") ? "agent" : "hub");
    assert.doesNotThrow(() => parseCommand([role, ...args]), `${name} ${args.join(" ")}`);
  }
});

Deno.test("the documents call tasks that there are, with arguments that they take", async () => {
  const chaos = await Deno.readTextFile(`${ROOT}scripts/chaos.ts`);
  const calls = commands.flatMap((command) => {
    const at = command.indexOf("task");
    return /^deno(@|$)/.test(command[at - 1] ?? "") ? [command.slice(at + 1)] : [];
  });
  assert.ok(calls.length > 5);
  for (const [name = "", ...args] of calls) {
    assert.ok(Object.hasOwn(config.tasks, name), `deno task ${name}`);
    switch (name) {
      case "bench":
        parseOptions(args, SECTIONS.map((section) => section.name));
        break;
      case "compile":
        parseTargets(args);
        break;
      case "deb":
        parseDebOptions(args, "x86_64");
        break;
      case "mcpb":
        parseRepository(args);
        break;
      case "chaos":
        for (const flag of args.filter((arg) => arg.startsWith("--"))) {
          assert.match(chaos, new RegExp(`^ +"?${flag.slice(2)}"?: \\{ type: "`, "m"), flag);
        }
        break;
      case "dev":
        parseDevOptions(args);
        break;
      case "lua":
        parseCompareOptions(args);
        break;
      default:
        assert.deepEqual(args, [], `deno task ${name}`);
    }
  }
});

Deno.test("the documents use the version of Deno that the project is tested with", async () => {
  const tested = /deno@[\d.]+/.exec(await Deno.readTextFile(`${ROOT}.ci/run`))?.[0];
  const used = new Set(commands.flat().filter((word) => word.startsWith("deno@")));
  assert.deepEqual([...used], [tested]);
});

Deno.test("the documents call install.sh with flags that it takes", async () => {
  const script = await Deno.readTextFile(`${ROOT}scripts/install.sh`);
  const calls = commands.filter(([name]) => name.endsWith("install.sh"));
  assert.ok(calls.length > 2);
  for (const [name, ...flags] of calls) {
    assert.equal(name, "./install.sh", "it is beside the binaries");
    for (const flag of flags) {
      assert.match(script, new RegExp(`^ +(?:--[a-z]+ \\| )*${flag}\\b.*\\)`, "m"), flag);
    }
  }
});

Deno.test("the documents call add-host.sh with flags that it takes", async () => {
  const script = await Deno.readTextFile(`${ROOT}scripts/add-host.sh`);
  const calls = commands.filter(([name]) => name.endsWith("add-host.sh"));
  assert.ok(calls.length >= 2);
  for (const [name, ...words] of calls) {
    assert.match(name, /^(\.|dist|scripts)\/add-host\.sh$/);
    for (const flag of words.filter((word) => word.startsWith("-"))) {
      assert.match(script, new RegExp(`^ +(?:--[a-z-]+ \\| )*${flag}\\b.*\\)`, "m"), flag);
    }
  }
});

Deno.test("what deno task compile adds to the binaries is all of add-host.sh", async () => {
  const compile = await Deno.readTextFile(`${ROOT}scripts/compile.ts`);
  const listed = [...compile.matchAll(/"(add-host[a-z-]*\.sh)"/g)].map(([, name]) => name);
  const scripts = (await Array.fromAsync(Deno.readDir(`${ROOT}scripts`))).map(({ name }) => name)
    .filter((name) => name.startsWith("add-host"));
  assert.deepEqual(listed.toSorted(), scripts.toSorted());
});

/** Whether a word of a command is the program that it starts, itself or through `runuser`. */
function isStarted(command: ShellCommand, at: number): boolean {
  return at === 0 || command[at - 1] === "--";
}

/** All commands of a document: those of its snippets, and those in its text. */
async function commandsOf(document: Document): Promise<ShellCommand[]> {
  const inText = codeSpans(prose(document)).filter((span) => /^(lmcp-|deno task )/.test(span));
  return [
    ...(await Promise.all(shellSnippets(document).map(shellCommands))).flat(),
    ...await shellCommands(inText.map(withValues).join("\n")),
  ];
}

/** Placeholders such as `[PORT]` replaced by a value. */
function withValues(span: string): string {
  return span.replace(/\[?\b(?:PORT|N)\b\]?/g, "1").replace(/ …$/, "");
}
