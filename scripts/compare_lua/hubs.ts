import { z } from "zod";
import { freePort } from "../../tests/free_port.ts";
import type { JsonObject } from "../../lib/mcp/message.ts";
import { type RunningProgram, startProgram } from "../bench/programs.ts";
import type { Lab } from "./lab.ts";

/** One of the two hubs, running. */
export interface Hub extends AsyncDisposable {
  /** The text of the first content block of an answer. */
  readonly call: (tool: string, args: JsonObject) => Promise<string>;
  /** What it wrote to standard error so far. */
  readonly said: () => string;
}

/** Both, with the same registry. */
export interface Hubs extends AsyncDisposable {
  readonly lua: Hub;
  readonly own: Hub;
}

/** Seconds; nothing here takes as long, but for what shall be silent. */
const TIMEOUTS = { LMCP_HUB_LMCP_TIMEOUT: "2", LMCP_HUB_CONNECT_TIMEOUT: "1" };

/** Starts both hubs on a registry in the Lua hub's format. */
export async function startHubs(registry: string, lab: Lab): Promise<Hubs> {
  await using stack = new AsyncDisposableStack();
  const lua = stack.use(await startLua(registry, lab));
  const own = stack.use(await startOwn(registry, lab));
  const owned = stack.move();
  return { lua, own, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Starts the Lua hub. */
export async function startLua(registry: string, lab: Lab): Promise<Hub> {
  const port = freePort();
  const env = {
    LMCP_HUB_BACKENDS: registry,
    LMCP_PORT: String(port),
    PATH: `${lab.sshDirectory}:${Deno.env.get("PATH")}`,
    ...TIMEOUTS,
  };
  const command = { program: lab.lua, args: [lab.luaFile], env, port };
  return toHub(await startProgram(command, lab));
}

/** Starts this project's hub. Throws an `Error` that says why it ended, if it does. */
export async function startOwn(registry: string, lab: Lab): Promise<Hub> {
  const port = freePort();
  const { program, args, env } = ownCommand(registry, lab);
  const command = { program, args: [...args, "--port", String(port)], env, port };
  return toHub(await startProgram(command, lab));
}

/** The arguments and variables of this project's hub, with the permissions it ships with. */
export function ownCommand(registry: string, { root, ssh }: Lab) {
  return {
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "-P=hub", `${root}main.ts`, "--registry", registry],
    env: { ...ssh.hubEnv, ...TIMEOUTS, LMCP_HUB_MAX_CHARS: "0", LMCP_HUB_WAIT: "0" },
  };
}

const answerSchema = z.object({
  result: z.object({
    content: z.array(z.object({ type: z.string(), text: z.unknown().optional() })),
  })
    .optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

function toHub(program: RunningProgram): Hub {
  return {
    call: async (tool, args) => {
      const params = { name: tool, arguments: args };
      const response = await fetch(`http://127.0.0.1:${program.port}/mcp`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      });
      const { result, error } = answerSchema.parse(await response.json());
      if (error !== undefined) return `(JSON-RPC ${error.code}: ${error.message})`;
      const [first] = result?.content ?? [];
      return typeof first?.text === "string" ? first.text : `(${JSON.stringify(first)})`;
    },
    said: program.said,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
