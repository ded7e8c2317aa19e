import { serve, type Served } from "../../compile/program.ts";

/** A program that serves, can be taken away, and brought back on the port that it had. */
export interface Restartable extends AsyncDisposable {
  /** Where it serves, with the path `/mcp`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** Starts a program. `command` has it listen on a port; 0: on any. */
export async function startRestartable(
  command: (port: number) => Deno.Command,
): Promise<Restartable> {
  let served: Served | null = await serve(command(0));
  const { url } = served;
  const stop = async () => {
    await served?.stop();
    served = null;
  };
  return {
    url,
    stop,
    start: async () => {
      served ??= await serve(command(Number(new URL(url).port)));
    },
    [Symbol.asyncDispose]: stop,
  };
}
