import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse as parseJsonc, type ParseError } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { at } from "../mcp/wire.ts";

/** What a client's configuration says of a hub that it reaches over HTTP. */
export interface HttpEntry {
  readonly url: unknown;
  /** The value of the header `Authorization`, or the name of the variable that holds the token. */
  readonly authorization: unknown;
  /** How long the client waits for an answer; undefined: the entry does not say. */
  readonly waitsSeconds: unknown;
}

/** A client: the language of its configuration, and what that says of the hub. */
export interface Reader {
  readonly language: string;
  readonly read: (code: string) => HttpEntry | Promise<HttpEntry>;
}

/** The clients that a file configures, by their headings in docs/clients.md. */
export const READERS: Readonly<Record<string, Reader>> = {
  "Codex": {
    language: "toml",
    read(code) {
      const entry = at(parseToml(code), "mcp_servers", "fleet");
      return {
        url: at(entry, "url"),
        authorization: at(entry, "bearer_token_env_var"),
        waitsSeconds: at(entry, "tool_timeout_sec"),
      };
    },
  },
  "opencode": {
    language: "jsonc",
    read(code) {
      const entry = at(readJsonc(code), "mcp", "fleet");
      assert.equal(at(entry, "type"), "remote");
      return httpEntry(entry);
    },
  },
  "Cursor": { language: "json", read: (code) => httpEntry(readMcpServers(code)) },
  "VS Code": {
    language: "jsonc",
    read(code) {
      const file = readJsonc(code);
      const entry = at(file, "servers", "fleet");
      assert.equal(at(entry, "type"), "http");
      // VS Code puts what was typed in the place of the input.
      assert.equal(at(file, "inputs", 0, "id"), "token");
      return httpEntry(entry);
    },
  },
  "Zed": {
    language: "jsonc",
    read(code) {
      const entry = at(readJsonc(code), "context_servers", "fleet");
      return { ...httpEntry(entry), waitsSeconds: at(entry, "timeout") };
    },
  },
  "Cline": {
    language: "json",
    read(code) {
      const entry = readMcpServers(code);
      assert.equal(at(entry, "type"), "streamableHttp");
      return { ...httpEntry(entry), waitsSeconds: at(entry, "timeout") };
    },
  },
  "Goose": {
    language: "yaml",
    read(code) {
      const entry = at(parseYaml(code), "extensions", "fleet");
      assert.deepEqual([at(entry, "type"), at(entry, "enabled")], ["streamable_http", true]);
      assert.equal(at(entry, "name"), "fleet");
      return { ...httpEntry(entry), url: at(entry, "uri"), waitsSeconds: at(entry, "timeout") };
    },
  },
  "OpenAI Agents": {
    language: "python",
    async read(code) {
      const call = await readPythonCall(code);
      assert.equal(at(call, "name"), "MCPServerStreamableHttp");
      const args = at(call, "arguments");
      assert.equal(at(args, "name"), "fleet");
      return {
        ...httpEntry(at(args, "params")),
        waitsSeconds: at(args, "client_session_timeout_seconds"),
      };
    },
  },
  "mcporter": { language: "json", read: (code) => httpEntry(readMcpServers(code)) },
};

/** The entry of the hub in a file that most clients share the form of. */
export function readMcpServers(code: string): unknown {
  return at(JSON.parse(code), "mcpServers", "fleet");
}

function httpEntry(entry: unknown): HttpEntry {
  return {
    url: at(entry, "url"),
    authorization: at(entry, "headers", "Authorization"),
    waitsSeconds: undefined,
  };
}

/** JSON with comments, as VS Code reads it. */
function readJsonc(code: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(code, errors);
  assert.deepEqual(errors, [], code);
  return value;
}

/** Python's own parser reads the program; nothing of it runs. */
async function readPythonCall(code: string): Promise<unknown> {
  const child = new Deno.Command("python3", {
    args: ["-I", fileURLToPath(new URL("python_call.py", import.meta.url))],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
