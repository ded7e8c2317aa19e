import { echo } from "../mcp/fixture_tools.ts";
import { type Served, serveTools } from "../mcp/served.ts";

/** A server of the `echo` tool that writes down which versions its clients speak. */
export interface Recorder extends Served {
  /** The `MCP-Protocol-Version` header of each POST, in order; null where there was none. */
  readonly versions: readonly (string | null)[];
}

/** Serves `echo` over HTTP on 127.0.0.1. */
export function serveRecorded(): Recorder {
  const versions: (string | null)[] = [];
  const served = serveTools([echo], {
    authenticate({ headers }) {
      // None but a POST has content.
      if (headers.has("content-type")) versions.push(headers.get("mcp-protocol-version"));
      return { name: "ann" };
    },
  });
  return { ...served, versions };
}
