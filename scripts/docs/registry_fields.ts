import type { argumentSchema, commandSchema } from "../../lib/config/registry/commands/schema.ts";
import type { confirmSchema } from "../../lib/config/registry/confirm.ts";
import type { natsSchema } from "../../lib/config/registry/nats.ts";
import type { oauthSchema } from "../../lib/config/registry/oauth.ts";
import type { clientSchema, hostSchema } from "../../lib/config/registry/schema.ts";

/** What each field of `[hosts.NAME]` means. */
export const HOST_FIELDS: Readonly<Record<keyof typeof hostSchema.shape, string>> = {
  lmcp_url:
    "URL of the MCP server on the host, with `ssh:` for one that is [reached through ssh](#through-ssh); omit it for a host that has only ssh",
  nats:
    "`true`, or the name of the host on [NATS](#nats): its agents connect to NATS, and it needs " +
    "no address",
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

/** What each field of `[nats]` means. */
export const NATS_FIELDS: Readonly<Record<keyof typeof natsSchema.shape, string>> = {
  discover: "whether hosts are listed that announce themselves and that the registry does not name",
  tags: "the tags that such a host may give itself; omit it for none",
  default: "what applies to such hosts: any field of `[defaults]`",
};

/** What each field of `[clients.NAME]` means. */
export const CLIENT_FIELDS: Readonly<Record<keyof typeof clientSchema.shape, string>> = {
  token: "the client's bearer token, in clear text: keep the file at mode 0600",
  token_file: "file that holds the token, mode 0600; relative to the registry's directory",
  token_env: "variable that holds the token; its name must start with `LMCP_`",
  hosts: "names of the hosts that the client may use, or `@TAG`; omit it for all of them",
  commands: "no commands but these [named ones](named-commands.md); omit it for no such limit",
  max_timeout:
    "the longest `timeout` (of remote_shell_bg: `wait`) in seconds; omit it for no limit",
  rate: "[calls in a minute](#limits-of-a-client); omit it for no limit",
  concurrent: "[calls at once](#limits-of-a-client); omit it for no limit",
  results: "`structured` for a program, which gets fields beside the text; `text` for a model",
  tools: "the only tools that the client may use; omit it for all of them",
  read_only: "whether the client may only use tools that change nothing",
};

/** What each field of `[commands.NAME]` means. */
export const COMMAND_FIELDS: Readonly<Record<keyof typeof commandSchema.shape, string>> = {
  run: "the program and its arguments, at most 64; `{name}` is the place of an argument",
  args: "the arguments by name, at most 16, each as below",
  description: "what it is for, in one line of at most 200 characters, for whoever may run it",
  hosts: "the only hosts that it may be run on: names, or `@TAG`; omit it for all of them",
  timeout: "the longest that it may run, in seconds; 120 if it is omitted",
  read_only: "whether it changes nothing, so that it may be run by clients and on hosts with " +
    "`read_only`",
  confirm: "whether a person must [allow each call of it](approvals.md)",
};

/** What each field of `[[confirm]]` means. */
export const CONFIRM_FIELDS: Readonly<Record<keyof typeof confirmSchema.shape, string>> = {
  tools: "the tools whose calls wait; omit it for all that change something",
  hosts: "the hosts on which they wait: names, or `@TAG`; omit it for all of them",
  tags: "the same by their tags: `hosts` and `tags` add up",
  min_hosts: "only calls that are about so many of these hosts; 1 if it is omitted",
  by: "`client`: the person at the client is asked, if the client can ask; `operator`: only the " +
    "operator of the hub; `client` if it is omitted",
};

/** What each field of an argument means. */
export const ARGUMENT_FIELDS: Readonly<Record<keyof typeof argumentSchema.shape, string>> = {
  pattern: "of a text: what all of it must match, in " +
    "[RE2 syntax](https://github.com/google/re2/wiki/Syntax)",
  max_length: "of a text: how many characters it may have, 256 if it is omitted, at most 16,384",
  multiline: "of a text: whether it may have line breaks, tabs and other control characters",
  values: "of an enumeration: the texts of which it is one",
  min: "of a number: the least; numbers are whole",
  max: "of a number: the greatest",
  default: "the value if a call has none",
  optional: "whether a call may do without it; the item with its place is left out then",
};

/** What each field of `[oauth]` means. */
export const OAUTH_FIELDS: Readonly<Record<keyof typeof oauthSchema.shape, string>> = {
  issuer: "the authorization server, as its tokens name it in `iss`; or a list of several",
  audience: "the URL of the hub's MCP endpoint as clients know it; tokens must have it in `aud`",
  claim: "the claim that holds the name of a `[clients.NAME]`, such as `sub` or `client_id`",
  scopes: "all that a token must be granted (`scope` or `scp`); omit it to ask for none",
  jwks_url: "where the keys of the only issuer are; omit it, and the issuer's metadata says so",
};
