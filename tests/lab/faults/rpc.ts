import { INVALID_PARAMS } from "../../../lib/mcp/message.ts";
import { errorText, resultText } from "../dialect.ts";
import type { Fault } from "./fault.ts";
import { httpText } from "../http_text.ts";

/** Runs the tool, then answers with a JSON-RPC error: a library may give any code to what a tool throws. */
export function rpcError(code: number): Fault {
  return {
    name: `JSON-RPC ${code}`,
    runs: true,
    strike: ({ connection, request }) =>
      connection.send(httpText({ body: errorText(request, code, "Says no") })),
  };
}

/** Does not know the tool, and says so by its name. */
export const unknownTool: Fault = {
  name: "unknown tool",
  runs: false,
  strike: ({ connection, request }) => {
    const message = `MCP error ${INVALID_PARAMS}: Tool ${request.params.name} not found`;
    return connection.send(httpText({ body: errorText(request, INVALID_PARAMS, message) }));
  },
};

/** Runs the tool, then says that a tool is unknown, without saying whose request that was. */
export const anonymousUnknownTool: Fault = {
  name: "unknown tool, without an id",
  runs: true,
  strike: ({ connection, request }) => {
    const message = `Unknown tool: ${request.params.name}`;
    const body = errorText({ ...request, id: null }, INVALID_PARAMS, message);
    return connection.send(httpText({ body }));
  },
};

/** Runs the tool, then answers with the id of another request. */
export const foreignId: Fault = {
  name: "answer to another request",
  runs: true,
  strike: ({ connection, request }) => {
    const result = { content: [{ type: "text", text: "meant for others" }] };
    const body = resultText({ ...request, id: "another" }, result);
    return connection.send(httpText({ body }));
  },
};

/** Runs the tool, which says that it failed. */
export const toolError: Fault = {
  name: "isError",
  runs: true,
  strike: ({ connection, request }) => {
    const result = { content: [{ type: "text", text: "it failed" }], isError: true };
    return connection.send(httpText({ body: resultText(request, result) }));
  },
};
