import type { clientSchema, hostSchema } from "../../lib/config/registry/schema.ts";

/** What each field of `[hosts.NAME]` means. */
export const HOST_FIELDS: Readonly<Record<keyof typeof hostSchema.shape, string>> = {
  lmcp_url:
    "URL of the MCP server on the host, with `ssh:` for one that is [reached through ssh](#through-ssh); omit it for a host that has only ssh",
  ssh_host: "destination for `ssh`: a name, an alias or `USER@HOST`; omit it to rule out ssh",
  token: "bearer token of the MCP server, in clear text: keep the file at mode 0600",
  token_file: "file that holds the token, mode 0600; relative to the registry's directory",
  token_env: "variable that holds the token; its name must start with `LMCP_`",
  tags: "labels by which `[clients.NAME]` can refer to hosts",
  connect_timeout: "seconds to reach the port of the MCP server",
  lmcp_timeout: "seconds to answer; a command's own `timeout` is added",
  ssh_timeout: "seconds for ssh to connect (`ConnectTimeout`)",
  ssh_hard_timeout: "limit in seconds for a call over ssh other than `remote_shell`",
  tools: "the only tools that anybody may use on the host; omit it for all of them",
  read_only: "whether only tools that change nothing may be used on the host",
  call_tools: "the tools of the host's own backend that `remote_call_tool` may call: names, or " +
    "`true` for all; none if it is omitted",
  mac: "the address of its network card, for Wake-on-LAN",
  broadcast: "IPv4 address that Wake-on-LAN is sent to, with a port if that is not 9; " +
    "255.255.255.255 if it is omitted",
  wake_via: "name of the host that sends it, for a network that the hub is not in",
};

/** What each field of `[clients.NAME]` means. */
export const CLIENT_FIELDS: Readonly<Record<keyof typeof clientSchema.shape, string>> = {
  token: "the client's bearer token, in clear text: keep the file at mode 0600",
  token_file: "file that holds the token, mode 0600; relative to the registry's directory",
  token_env: "variable that holds the token; its name must start with `LMCP_`",
  hosts: "names of the hosts that the client may use, or `@TAG`; omit it for all of them",
  max_timeout:
    "the longest `timeout` (of remote_shell_bg: `wait`) in seconds; omit it for no limit",
  results: "`structured` for a program, which gets fields beside the text; `text` for a model",
  tools: "the only tools that the client may use; omit it for all of them",
  read_only: "whether the client may only use tools that change nothing",
};
