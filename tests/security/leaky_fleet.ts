import { type LabBackend, startBackend } from "../lab/backend.ts";
import type { Fault } from "../lab/faults/fault.ts";
import { httpText } from "../lab/http_text.ts";
import { type RunningProgram, startProgram } from "../e2e/program.ts";
import { untilListening } from "../e2e/client.ts";
import { CANARY } from "./canaries.ts";

/** A real hub whose configuration holds canaries, and backends that repeat what they are sent. */
export interface LeakyFleet extends AsyncDisposable {
  readonly hub: RunningProgram;
  /** Private directory of this fleet; the hub's `TMPDIR`. */
  readonly directory: string;
  /** What the fake ssh was started with, and its environment. */
  readonly readSsh: () => Promise<string>;
  readonly backends: readonly LabBackend[];
}

/** How a backend gives back the token that it was sent; each is a host of the fleet. */
const ECHOES = {
  status: (token) => ({ status: 500, body: `bad token: ${token}` }),
  cut: (token) => ({ status: 500, body: `${"x".repeat(180)}${token}` }),
  page: (token) => ({ status: 200, body: `<h1>${token}</h1>` }),
  stream: (token) => ({
    headers: { "content-type": "text/event-stream" },
    body: `data: ${token}\n\n`,
  }),
  refusal: (token) => ({ status: 403, body: token }),
  answer: (token, id) => ({
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      result: {
        content: [{ type: "text", text: `as text: ${token}` }],
        structuredContent: { [token]: JSON.stringify([token]) },
      },
    }),
  }),
  rpc: (token, id) => ({
    body: JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: token } }),
  }),
} satisfies Record<
  string,
  (
    token: string,
    id: unknown,
  ) => { status?: number; headers?: Record<string, string>; body: string }
>;

/** The names of these hosts. `answer` shows it as what it has read. */
export const ECHO_HOSTS = Object.keys(ECHOES);

/** Starts the fleet. `viaSsh` has a fake ssh that keeps what it is given, and fails. */
export async function startLeakyFleet(
  env: Readonly<Record<string, string>> = {},
): Promise<LeakyFleet> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "leaks-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  await writeFakeSsh(directory);
  const registry: string[] = [];
  const backends: LabBackend[] = [];
  for (const [name, echo] of Object.entries(ECHOES)) {
    const fault: Fault = {
      name,
      runs: true,
      strike: ({ connection, request }) => {
        const token = request.wire.headers.get("authorization") ?? "";
        return connection.send(httpText(echo(token, request.id)));
      },
    };
    const behaviour = ({ method }: { method: string }) => method === "tools/call" ? fault : null;
    const backend = stack.use(await startBackend({ behaviour }));
    backends.push(backend);
    registry.push(
      `[hosts.${name}]`,
      `lmcp_url = "${backend.url}"`,
      `token = ${JSON.stringify(CANARY.inline)}`,
    );
  }
  registry.push("[hosts.via-ssh]", 'ssh_host = "x"', 'token_env = "LMCP_CANARY"');
  registry.push(`[clients.reader]`, `token = "${CANARY.client}"`, "read_only = true");
  const registryPath = `${directory}/hosts.toml`;
  await Deno.writeTextFile(registryPath, registry.join("\n"), { mode: 0o600 });
  const hub = stack.use(startProgram({
    env: {
      LMCP_HUB_BACKENDS: registryPath,
      LMCP_HUB_CONF: "",
      LMCP_TOKEN: CANARY.inbound,
      LMCP_CANARY: CANARY.variable,
      LMCP_LOG: "json",
      LMCP_LOG_LEVEL: "debug",
      PATH: `${directory}/bin:/usr/bin:/bin`,
      TMPDIR: directory,
      ...env,
    },
  }));
  await untilListening(hub.port);
  const owned = stack.move();
  return {
    hub,
    directory,
    backends,
    readSsh: () => Deno.readTextFile(`${directory}/ssh.txt`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function writeFakeSsh(directory: string): Promise<void> {
  await Deno.mkdir(`${directory}/bin`);
  const script = [
    "#!/bin/sh",
    `{ tr '\\0' '\\n' </proc/$$/cmdline; echo '--'; tr '\\0' '\\n' </proc/$$/environ; } >>'${directory}/ssh.txt'`,
    "echo 'no route' >&2",
    "exit 255",
  ];
  await Deno.writeTextFile(`${directory}/bin/ssh`, script.join("\n"), { mode: 0o700 });
}
