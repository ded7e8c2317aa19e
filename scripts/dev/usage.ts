import type { DevState } from "./state.ts";

/** What to do next: the URLs, and commands to paste for `curl` and Claude Code. */
export function describeUse({ hubTokenFile, hubs, hasOwnLocal, usesNats }: DevState): string {
  const [origin, ...others] = hubs.map(({ port }) => `http://127.0.0.1:${port}`);
  const url = `${origin}/mcp`;
  const authorization = `"Authorization: Bearer $(cat ${hubTokenFile})"`;
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "remote_shell", arguments: { host: "local", command: "uname -a" } },
  };
  const local = hasOwnLocal
    ? 'host "local" is the one in hosts.toml'
    : `this machine is host "local"${usesNats ? ", reached through NATS" : ""}`;
  const another = others.map((other) => `Another hub serves ${other}/mcp, with the same token.\n`);
  return `
lmcp-hub serves MCP at ${url}; ${local}. Commands you can paste:

  curl -s ${url} -H 'Content-Type: application/json' \\
    -H ${authorization} \\
    -d '${JSON.stringify(call)}'

  claude mcp add --transport http fleet ${url} --header ${authorization}

The fleet page is at ${origin}/; sign in with the token in ${hubTokenFile}.
${another.join("")}
Ctrl-C stops all of them.
`;
}
