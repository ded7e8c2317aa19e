import { createAgentTools } from "../../lib/agent/catalog.ts";
import { createHttpHandler } from "../../lib/http/handler.ts";
import { createServer } from "../../lib/mcp/server.ts";
import type { Tool } from "../../lib/mcp/tool.ts";
import { PLAIN_AGENT } from "../agent/agent.ts";

/** A real agent over HTTP, on 127.0.0.1. */
export interface AgentServer extends AsyncDisposable {
  readonly url: string;
}

/** What differs from a plain agent. */
export interface AgentServerOptions {
  /** `PATH` of what the agent runs; default: the one of bash. */
  readonly path?: string;
  readonly extraTools?: readonly Tool[];
}

/** Serves the tools of an agent whose user has this home, and perhaps more. */
export function startAgentServer(
  home: string,
  { path, extraTools = [] }: AgentServerOptions = {},
): AgentServer {
  const tools = [
    ...createAgentTools({
      ...PLAIN_AGENT,
      uid: Deno.uid(),
      home,
      childEnv: path === undefined ? { HOME: home } : { HOME: home, PATH: path },
      stateDirectory: `${home}/state`,
    }),
    ...extraTools,
  ];
  const server = createServer({ name: "a", version: "1", tools: () => tools, log: () => {} });
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    createHttpHandler({
      server,
      authenticate: () => ({ name: "hub" }),
      allowedHosts: [],
      isLoopbackBind: true,
    }),
  );
  return {
    url: `http://127.0.0.1:${listener.addr.port}/mcp`,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}
