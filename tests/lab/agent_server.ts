import { createAgentTools } from "../../lib/agent/catalog.ts";
import { claimedTool } from "../../lib/agent/claims/claimed_tool.ts";
import { claimsExtension } from "../../lib/agent/claims/extension.ts";
import { AgentClaimFolder, claimsBelow } from "../../lib/agent/claims/folder.ts";
import { createKeeper } from "../../lib/agent/claims/keeper.ts";
import { serveOverNats } from "../../lib/agent/nats/serve.ts";
import { createOwnBash } from "../../lib/agent/login.ts";
import { spawnProcess } from "../../lib/base/process.ts";
import { systemClock } from "../../lib/base/time/clock.ts";
import { createHttpHandler } from "../../lib/http/handler.ts";
import { createServer } from "../../lib/mcp/server.ts";
import type { Tool } from "../../lib/mcp/tool.ts";
import type { NatsSettings } from "../../lib/nats/settings.ts";
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
  /** Whether it keeps claims, as the program does; default: no. */
  readonly claims?: boolean;
  /** Where it serves over NATS too, and as which host. */
  readonly nats?: { readonly settings: NatsSettings; readonly name: string };
}

/** Serves the tools of an agent whose user has this home, and perhaps more. */
export function startAgentServer(
  home: string,
  { path, extraTools = [], claims = false, nats }: AgentServerOptions = {},
): AgentServer {
  const stateDirectory = `${home}/state`;
  const plainTools = [
    ...createAgentTools({
      ...PLAIN_AGENT,
      uid: Deno.uid(),
      home,
      childEnv: path === undefined ? { HOME: home } : { HOME: home, PATH: path },
      stateDirectory,
    }),
    ...extraTools,
  ];
  const folder = new AgentClaimFolder({
    runBash: createOwnBash(spawnProcess, {}),
    directory: claimsBelow(stateDirectory),
    pid: Deno.pid,
    clock: systemClock,
    warn: () => {},
  });
  const keeper = createKeeper(folder, systemClock);
  const tools = claims ? plainTools.map((tool) => claimedTool(tool, keeper)) : plainTools;
  const server = createServer({
    name: "a",
    version: "1",
    tools: () => tools,
    log: () => {},
    ...(claims ? { extension: claimsExtension(folder, keeper) } : {}),
  });
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    createHttpHandler({
      server,
      authenticate: () => ({ name: "hub" }),
      allowedHosts: [],
      isLoopbackBind: true,
    }),
  );
  const stopping = new AbortController();
  const overNats = nats && serveOverNats(nats.settings, {
    server,
    settings: { natsName: nats.name, tags: [] },
    tools: tools.length,
    boot: () => Promise.resolve(null),
    log: { error() {}, warn() {}, info() {}, debug() {} },
    stop: stopping.signal,
  });
  return {
    url: `http://127.0.0.1:${listener.addr.port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      await listener.shutdown();
      stopping.abort();
      await overNats;
      // Calls go on for a while when their connections are lost.
      await server.close(AbortSignal.abort());
      await folder.settled();
    },
  };
}
