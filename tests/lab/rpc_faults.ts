import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
} from "../../lib/mcp/message.ts";
import { errorText, resultText } from "./dialect.ts";
import type { Fault } from "./fault.ts";
import { httpText } from "./http_text.ts";

/** Codes that a server gives instead of running anything. */
const REFUSALS: readonly number[] = [
  PARSE_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  INVALID_PARAMS,
];

/** Answers with a JSON-RPC error. */
export function rpcError(code: number): Fault {
  return {
    name: `JSON-RPC ${code}`,
    runs: !REFUSALS.includes(code),
    strike: ({ connection, request }) =>
      connection.send(httpText({ body: errorText(request, code, "Says no") })),
  };
}

/** Runs the tool, which says that it failed. */
export const toolError: Fault = {
  name: "isError",
  runs: true,
  strike: ({ connection, request }) => {
    const result = { content: [{ type: "text", text: "it failed" }], isError: true };
    return connection.send(httpText({ body: resultText(request, result) }));
  },
};
