import type { DevState } from "./state.ts";

/** What to type next: the URL, a `curl` line and a line for Claude Code, all ready to paste. */
export function describeUse({ hubTokenFile }: DevState, port: number): string {
  const url = `http://127.0.0.1:${port}/mcp`;
  const authorization = `"Authorization: Bearer $(cat ${hubTokenFile})"`;
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "remote_shell", arguments: { host: "local", command: "uname -a" } },
  };
  return `
lmcp-hub serves MCP at ${url}, this machine is its host "local". Try:

  curl -s ${url} -H 'Content-Type: application/json' \\
    -H ${authorization} \\
    -d '${JSON.stringify(call)}'

  claude mcp add --transport http lmcp-hub ${url} --header ${authorization}

Ctrl-C stops the hub and the agent.
`;
}
