import { fileURLToPath } from "node:url";
import { freePort } from "../../tests/free_port.ts";
import { untilListening } from "../../tests/e2e/client.ts";
import { V8_FLAGS } from "../compile/v8_flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `main.ts` as a process, which can be killed and started again on the same port. */
export interface Restartable extends AsyncDisposable {
  readonly url: string;
  /** Kills it, and starts it again. */
  readonly killAndStart: () => Promise<void>;
}

/** How `startRestartable()` starts it. */
export interface RestartableOptions {
  /** Of Deno, and of the program. */
  readonly permissions: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the program in an environment of its own, and waits until it listens. */
export async function startRestartable(
  { permissions, args, env }: RestartableOptions,
): Promise<Restartable> {
  const port = freePort();
  const spawn = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", V8_FLAGS, ...permissions, "main.ts", ...args],
      cwd: ROOT,
      env: { LMCP_PORT: String(port), LMCP_LOG_LEVEL: "error", ...env },
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
