import type { JsonObject } from "../../lib/mcp/message.ts";
import type { HostFiles } from "./host_files.ts";
import type { ComparedHosts } from "./hosts.ts";
import type { Situation } from "./situation.ts";

/** A call of every tool that works on a host. */
function everyTool({ path }: HostFiles): Readonly<Record<string, JsonObject>> {
  return {
    remote_shell: { command: "echo over ssh", timeout: 2 },
    remote_read_file: { path: `${path}/text` },
    remote_write_file: { path: `${path}/changed/new`, content: "new\n" },
    remote_edit_file: { path: `${path}/changed/text`, old_string: "old", new_string: "new" },
    remote_shell_bg: { command: "true" },
    remote_list_dir: { path: `${path}/names` },
    remote_search_files: { path: `${path}/names`, pattern: "deep*" },
  };
}

/** Every tool with every answer of a backend, and with everything that is none. */
export function situationsOverLmcp(hosts: ComparedHosts, files: HostFiles): Situation[] {
  const { answering, failing, sshFailing, unreachable } = hosts;
  return [...answering, ...failing, ...sshFailing, unreachable].flatMap((host) =>
    Object.entries(everyTool(files)).map(([tool, args]) => ({
      name: host.what,
      tool,
      args: { host: host.name, ...args },
    }))
  );
}
