import { dirname } from "node:path";

/** Long enough for a client that starts on a busy machine. */
const MAX_RUN_MS = 120_000;

/** Nothing listens there. */
const CLOSED = "http://127.0.0.1:1";

/** A user's home directory that knows nothing of this machine's user. */
export interface Home extends AsyncDisposable {
  /** Writes a file of the home directory. */
  readonly write: (name: string, text: string) => Promise<void>;
  readonly read: (name: string) => Promise<string>;
  /** Runs a program in the home directory, with no other network than loopback. */
  readonly run: (
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Finished>;
}

/** What a program that has ended left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a home directory. */
export async function makeHome(): Promise<Home> {
  const home = await Deno.makeTempDir({ prefix: "client-" });
  return {
    async write(name, text) {
      await Deno.mkdir(dirname(`${home}/${name}`), { recursive: true });
      await Deno.writeTextFile(`${home}/${name}`, text, { mode: 0o600 });
    },
    read: (name) => Deno.readTextFile(`${home}/${name}`),
    async run(program, args, env = {}) {
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [...args],
        cwd: home,
        clearEnv: true,
        env: { ...offline(), HOME: home, ...env },
        stdin: "null",
        signal: AbortSignal.timeout(MAX_RUN_MS),
      }).output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, stdout: out ?? "", stderr: err ?? "" };
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** What is not on loopback goes to a proxy that is not there. */
function offline(): Record<string, string> {
  return {
    PATH: Deno.env.get("PATH") ?? "",
    NO_COLOR: "1",
    HTTP_PROXY: CLOSED,
    HTTPS_PROXY: CLOSED,
    NO_PROXY: "127.0.0.1",
  };
}
