import { formatProblem } from "../../../../lib/base/problem.ts";
import { parseRegistry } from "../../../../lib/config/registry/load.ts";
import type { Registry } from "../../../../lib/fleet/host.ts";
import type { NamedCommand } from "../../../../lib/work/commands/named_command.ts";
import { fakeSources } from "../../fake_sources.ts";

const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

/** A registry from its text, with the problems as they are printed. */
export async function parse(
  text: string,
): Promise<{ readonly registry: Registry; readonly problems: readonly string[] }> {
  const inputs = { ...fakeSources(), path: "r.toml", defaults };
  const { registry, problems } = await parseRegistry(text, inputs);
  return { registry, problems: problems.map(formatProblem) };
}

/** One command, of which nothing is wrong. */
export async function parseCommand(fields: string): Promise<NamedCommand> {
  const { registry, problems } = await parse(`[commands.c]\n${fields}`);
  const command = registry.commands?.get("c");
  if (command === undefined || problems.length > 0) throw new Error(problems.join("\n"));
  return command;
}
