import assert from "node:assert/strict";
import { createHttpHandler } from "../../lib/http/handler.ts";
import { createServer } from "../../lib/mcp/server.ts";
import { echo } from "../mcp/fixture_tools.ts";
import { at, post, request } from "../mcp/wire.ts";

const REFUSED = "refused";

for (
  const [query, expected] of [
    ["", null],
    ["?", null],
    ["?token=x", null],
    ["?Results=structured", null],
    ["?results=text", "text"],
    ["?results=structured", "structured"],
    ["?x=1&results=struct%75red", "structured"],
    ["?results=text&results=text", "text"],
    ["?results", REFUSED],
    ["?results=", REFUSED],
    ["?results=TEXT", REFUSED],
    ["?results=structured%20", REFUSED],
    ["?results=structured&results=text", REFUSED],
    ["?results=structured&results=", REFUSED],
  ] as const
) {
  Deno.test(`a request to /mcp${query} asks for: ${expected}`, async () => {
    const asked: unknown[] = [];
    const server = createServer({
      name: "s",
      version: "1",
      tools: (_principal, results) => {
        asked.push(results);
        return [echo];
      },
      log() {},
    });
    const handler = createHttpHandler({
      server,
      authenticate: () => ({ name: "ann" }),
      allowedHosts: [],
      isLoopbackBind: true,
    });
    const message = request(1, "tools/call", { name: "echo", arguments: { text: "x" } });
    const response = await handler(
      new Request(`http://127.0.0.1:8090/mcp${query}`, post(message)),
    );
    const answer: unknown = await response.json();
    const isRefused = expected === REFUSED;
    assert.equal(response.status, isRefused ? 400 : 200);
    assert.equal(at(answer, "error", "message"), isRefused ? MESSAGE : undefined);
    if (isRefused) assert.deepEqual(asked, []);
    else assert.equal(asked.at(-1), expected);
  });
}

const MESSAGE = '"results" must be "text" or "structured"';
