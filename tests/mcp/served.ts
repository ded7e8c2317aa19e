import { createHttpHandler, type HttpOptions } from "../../lib/http/handler.ts";
import { createServer, type ServerOptions } from "../../lib/mcp/server.ts";
import type { Tool } from "../../lib/mcp/tool.ts";

/** A real HTTP server on 127.0.0.1; closed when disposed of. */
export interface Served extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
}

/** Serves the tools as the hub would, without a token. */
export function serveTools(
  tools: readonly Tool[],
  options: Partial<ServerOptions & HttpOptions> = {},
): Served {
  const server = createServer({
    name: "test-server",
    version: "0.0.1",
    tools: () => tools,
    log() {},
    ...options,
  });
  const handler = createHttpHandler({
    server,
    authenticate: () => ({ name: "ann" }),
    allowedHosts: [],
    isLoopbackBind: true,
    ...options,
  });
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return {
    url: `http://127.0.0.1:${listener.addr.port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      await server.close(AbortSignal.abort());
      await listener.shutdown();
    },
  };
}
