import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/cli/scan.ts";
import { programName, roleArgument } from "../../lib/cli/role.ts";

const hub = roleArgument("hub");
const agent = roleArgument("agent");

function refusal(args: readonly string[]): string {
  try {
    parseCommand(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

Deno.test("parseCommand() runs the modes of a binary's role", () => {
  assert.deepEqual(parseCommand([hub, "--probe"]), parseCommand(["--probe"]));
  assert.deepEqual(parseCommand([agent, "--agent", "1"]), parseCommand(["--agent", "1"]));
  assert.deepEqual(parseCommand([agent, "1"]), parseCommand(["--agent", "1"]));
});

Deno.test("parseCommand() names the binary that a mode needs", () => {
  assert.match(refusal([hub, "--agent"]), /^"--agent" needs the binary lmcp-agent: /);
  for (const mode of ["--probe", "--check", "--stdio"]) {
    assert.match(refusal([agent, mode]), new RegExp(`^"${mode}" needs the binary lmcp-hub: `));
  }
});

Deno.test("parseCommand() knows help and version in either binary", () => {
  for (const role of [hub, agent]) {
    assert.deepEqual(parseCommand([role, "--agent", "--probe", "--help"]), {
      mode: "help",
      role: role === hub ? "hub" : "agent",
    });
    assert.deepEqual(parseCommand([role, "--version"]), { mode: "version" });
  }
});

Deno.test("parseCommand() accepts a role from nobody but the compiler", () => {
  assert.match(refusal(["--probe", hub]), /^unknown flag "--role"/);
  assert.match(refusal([hub, agent, "--agent"]), /^unknown flag "--role"/);
});

Deno.test("programName() is the binary's, or without one what --agent says", () => {
  assert.equal(programName([hub, "--agent"]), "lmcp-hub");
  assert.equal(programName([agent]), "lmcp-agent");
  assert.equal(programName(["--quiet", "--agent"]), "lmcp-agent");
  assert.equal(programName([]), "lmcp-hub");
});
