import { serve, type Served } from "../../compile/program.ts";
import { freePort } from "../../free_port.ts";

/** A program that serves, can be taken away, and brought back on the port that it had. */
export interface Restartable extends AsyncDisposable {
  /** Where it serves, with the path `/mcp`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** Starts a program. `command` has it listen on a port, which nobody else gets while it is away. */
export async function startRestartable(
  command: (port: number) => Deno.Command,
): Promise<Restartable> {
  const port = freePort();
  let served: Served | null = await serve(command(port));
  const { url } = served;
  const stop = async () => {
    await served?.stop();
    served = null;
  };
  return {
    url,
    stop,
    start: async () => {
      served ??= await serve(command(port));
    },
    [Symbol.asyncDispose]: stop,
  };
}
