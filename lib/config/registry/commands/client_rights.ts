import { didYouMean } from "../../../base/text/near_names.ts";
import type { Problem } from "../../../base/problem.ts";
import type { Client } from "../../../fleet/client.ts";
import { COMMAND_TOOL, TEXT_RUNNERS, type ToolName } from "../../../fleet/rules.ts";
import type { NamedCommands } from "../../../work/commands/named_command.ts";
import { type ClientFields, toToolRules } from "../schema.ts";

/** What can write a file that is run later. */
const WRITE: readonly ToolName[] = ["remote_write_file", "remote_edit_file", "remote_copy"];
/** What a client may use beside its commands if its entry names no tools. */
const USUAL: readonly ToolName[] = ["remote_list_hosts"];

/** What a client may do by its fields: with `commands`, no more than it takes to run these. */
export function toClientRights(fields: ClientFields): Pick<Client, "rules" | "commands"> {
  const { commands, tools = USUAL } = fields;
  if (commands === undefined) return { rules: toToolRules(fields) };
  const others = tools.filter((tool) => !TEXT_RUNNERS.includes(tool));
  return {
    rules: { ...toToolRules(fields), tools: new Set([...others, COMMAND_TOOL]) },
    commands: new Set(commands),
  };
}

/** What is wrong with a client's `commands`, or with what it may use beside them. */
export function* findRightsProblems(
  { commands: names, tools = [], read_only: readOnly, hosts }:
    & Pick<ClientFields, "commands" | "tools" | "read_only">
    & { readonly hosts: Client["hosts"] },
  { commands, statedCommands }: {
    readonly commands: NamedCommands;
    readonly statedCommands: readonly string[];
  },
): Generator<Pick<Problem, "severity" | "message"> & { readonly path: readonly string[] }> {
  const at = (field: string) => (severity: Problem["severity"], message: string) => ({
    severity,
    path: [field],
    message,
  });
  for (const [index, name] of names?.entries() ?? []) {
    const item = index + 1;
    const command = commands.get(name);
    const problem = at("commands");
    if (!statedCommands.includes(name)) {
      yield problem("error", `item ${item} is not a command${didYouMean(name, statedCommands)}`);
    }
    if (command === undefined) continue;
    if (readOnly && !command.readOnly) {
      yield problem("error", `item ${item} is not read_only, and the client is`);
    }
    if (command.hosts !== null && hosts !== null && command.hosts.isDisjointFrom(hosts)) {
      yield problem("warning", `item ${item} is for none of the client's hosts`);
    }
  }
  if (names === undefined) return;
  for (const tool of tools) {
    const problem = at("tools");
    if (TEXT_RUNNERS.includes(tool)) {
      yield problem("error", `${tool} runs more than commands: leave out one of them`);
    } else if (WRITE.includes(tool)) {
      yield problem(
        "warning",
        `${tool} can write files that are run later, whatever commands says`,
      );
    }
  }
}
