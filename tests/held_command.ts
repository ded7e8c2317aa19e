import { until } from "./processes.ts";

/** A part of a shell command that lasts until a test lets it go, or its file is gone. */
export interface HeldCommand {
  /** What comes behind it in the shell runs afterwards. */
  readonly command: string;
  /** Waits until a shell has come to it. */
  readonly untilBegun: () => Promise<void>;
  readonly letGo: () => Promise<void>;
}

/** A `HeldCommand` whose files are in a directory of its user. */
export async function holdIn(directory: string): Promise<HeldCommand> {
  const held = `${directory}/held-${crypto.randomUUID()}`;
  const begun = `${held}-begun`;
  await Deno.writeTextFile(held, "");
  return {
    command: `: >'${begun}'; while [ -e '${held}' ]; do sleep 0.05; done`,
    untilBegun: async () => void await until(() => Deno.stat(begun).then(() => true, () => false)),
    letGo: () => Deno.remove(held),
  };
}

/** A `HeldCommand` with a directory of its own. */
export async function holdCommand(): Promise<HeldCommand & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "held-" });
  return {
    ...await holdIn(directory),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
