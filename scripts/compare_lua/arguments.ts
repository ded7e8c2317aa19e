import type { JsonObject } from "../../lib/mcp/message.ts";
import type { ComparedHosts } from "./hosts.ts";
import type { Situation } from "./situation.ts";

/** Arguments that suffice, for every tool that works on a host. */
const ENOUGH: Readonly<Record<string, JsonObject>> = {
  remote_shell: { command: "true" },
  remote_read_file: { path: "/x" },
  remote_write_file: { path: "/dev/null", content: "y" },
  remote_edit_file: { path: "/x", old_string: "a", new_string: "b" },
  remote_shell_bg: { command: "true" },
  remote_list_dir: { path: "/" },
  remote_search_files: { pattern: "x", path: "/etc" },
};

/** Values that name no host. */
const HOSTS: Readonly<Record<string, unknown>> = {
  "unknown host": "nowhere-at-all",
  "host with a similar name": "ssh-alon",
  "host with quotes and control characters": 'q"\\\n\t1\u007f\r',
  "host in Unicode": "grüße",
  "host with spaces": " ssh-alone ",
  "empty host": "",
  "numeric host": 5,
  "host null": null,
  "host true": true,
  "host that is a list": ["ssh-alone"],
  "no host": undefined,
};

/** Optional arguments of a wrong kind. */
const ODD_OPTIONS: readonly (readonly [string, JsonObject])[] = [
  ["remote_shell", { timeout: "5" }],
  ["remote_shell", { timeout: 0 }],
  ["remote_shell", { timeout: 1.5 }],
  ["remote_shell", { cwd: 5 }],
  ["remote_edit_file", { replace_all: "yes" }],
  ["remote_shell_bg", { log: 5 }],
];

/** Tools with arguments that are missing, or of the wrong kind. */
export function situationsOfArguments({ answering, failing, sshOnly }: ComparedHosts): Situation[] {
  const hosts = Object.entries(HOSTS).flatMap(([name, host]) =>
    Object.entries(ENOUGH).map(([tool, args]) => ({ name, tool, args: { host, ...args } }))
  );
  const ways = [
    ["over ssh", sshOnly.name],
    ["over lmcp", answering[0]?.name],
    ["port refused", failing[0]?.name],
  ] as const;
  const wrong = ways.flatMap(([way, host]) =>
    Object.entries(ENOUGH).flatMap(([tool, args]) =>
      Object.keys(args).flatMap((argument) => [
        { name: `${way}: no ${argument}`, tool, args: { host, ...args, [argument]: undefined } },
        { name: `${way}: numeric ${argument}`, tool, args: { host, ...args, [argument]: 5 } },
      ])
    )
  );
  const extra = Object.entries(ENOUGH).map(([tool, args]) => ({
    name: "over lmcp: extra argument",
    tool,
    args: { host: answering[0]?.name, ...args, further: "x" },
  }));
  const odd = ways.flatMap(([way, host]) =>
    ODD_OPTIONS.map(([tool, option]) => ({
      name: `${way}: ${JSON.stringify(option)}`,
      tool,
      args: { host, ...ENOUGH[tool], ...option },
    }))
  );
  return [...hosts, ...wrong, ...odd, ...extra];
}
