/**
 * A backend that does no work, for `scripts/bench.ts`: it listens on the ports of 127.0.0.1 that
 * are its arguments. It says that it keeps claims, so that calls come with one. It answers `shell`
 * with a fixed text, after N milliseconds if the command is `wait N`, with N characters if it is
 * `print N`, and `read_file` with as many as the path says.
 */
import { isJsonObject, type JsonObject, METHOD_NOT_FOUND } from "../../../lib/mcp/message.ts";
import { META_CLAIMS } from "../../../lib/work/claims/protocol.ts";

/** JSON text of results by size, so that a large one is created once. */
const files = new Map<number, string>();
const SHELL_RESULT = textResult("[rc=0]\nfixed answer\n");
const LIST_RESULT = JSON.stringify({ tools: [{ name: "shell", inputSchema: { type: "object" } }] });

const INITIALIZE_RESULT = JSON.stringify({
  protocolVersion: "2025-06-18",
  capabilities: { tools: {} },
  serverInfo: { name: "fixed", version: "1" },
  _meta: { [META_CLAIMS]: { directory: "/var/lib/fixed/claims", id: "fixed", boot: "fixed" } },
});

for (const port of Deno.args.map(Number)) {
  Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer);
}

async function answer(request: Request): Promise<Response> {
  const message: unknown = await request.json();
  if (!isJsonObject(message) || message.id === undefined) {
    return new Response(null, { status: 202 });
  }
  const params = isJsonObject(message.params) ? message.params : {};
  const result = await resultOf(message.method, params);
  const outcome = result === null
    ? `"error":{"code":${METHOD_NOT_FOUND},"message":"Unknown method"}`
    : `"result":${result}`;
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},${outcome}}`;
  return new Response(text, { headers: { "content-type": "application/json" } });
}

async function resultOf(method: unknown, params: JsonObject): Promise<string | null> {
  if (method === "initialize") return INITIALIZE_RESULT;
  if (method === "tools/list") return LIST_RESULT;
  if (method !== "tools/call") return null;
  const args = isJsonObject(params.arguments) ? params.arguments : {};
  if (params.name === "read_file") return fileResult(Number(args.path));
  const waitMs = /^wait (\d+)$/.exec(String(args.command))?.[1];
  if (waitMs !== undefined) await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
  const printed = /^print (\d+)$/.exec(String(args.command))?.[1];
  return printed === undefined ? SHELL_RESULT : fileResult(Number(printed));
}

function fileResult(size: number): string {
  const known = files.get(size);
  if (known !== undefined) return known;
  const made = textResult("x".repeat(size));
  files.set(size, made);
  return made;
}

function textResult(text: string): string {
  return JSON.stringify({ content: [{ type: "text", text }] });
}
