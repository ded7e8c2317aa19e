import { fileURLToPath } from "node:url";
import { freePort } from "../../tests/free_port.ts";
import { untilListening } from "../../tests/e2e/client.ts";
import { V8_FLAGS } from "../compile/v8_flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A real agent as a process, which can be killed and started again on the same port. */
export interface AgentProcess extends AsyncDisposable {
  readonly url: string;
  /** Kills it, and starts it again. */
  readonly killAndStart: () => Promise<void>;
}

/** Starts an agent with the permissions that it ships with, in an environment of its own. */
export async function startAgentProcess(
  env: Readonly<Record<string, string>>,
): Promise<AgentProcess> {
  const port = freePort();
  const args = ["run", "--quiet", "--no-prompt", V8_FLAGS, "-P=agent", "main.ts", "--agent"];
  const spawn = () =>
    new Deno.Command(Deno.execPath(), {
      args: [...args, "--port", String(port)],
      cwd: ROOT,
      env: { LMCP_WITHOUT_TOKEN: "1", LMCP_LOG_LEVEL: "error", ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  let child = spawn();
  let turn: Promise<unknown> = untilListening(port);
  await turn;

  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await child.status;
  }

  return {
    url: `http://127.0.0.1:${port}/mcp`,
    killAndStart: async () => {
      turn = turn.then(async () => {
        await kill();
        child = spawn();
        await untilListening(port);
      });
      await turn;
    },
    [Symbol.asyncDispose]: async () => {
      await turn;
      await kill();
    },
  };
}
