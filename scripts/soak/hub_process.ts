import { V8_FLAGS } from "../compile/v8_flags.ts";

/** A hub as a process that may be killed, and is then started again with the same port. */
export interface SoakHub extends AsyncDisposable {
  readonly url: string;
  readonly origin: string;
  readonly pid: () => number;
  /** Why it ended although nobody killed it; null: it did not. */
  readonly fault: () => string | null;
  /** Kills it without warning, and starts it again. */
  readonly killAndRestart: () => Promise<void>;
}

/** Where the hub runs. */
export interface SoakHubOptions {
  /** The checkout. */
  readonly root: string;
  readonly port: number;
  /** Private directory: registry, audit trail, sockets. */
  readonly directory: string;
  readonly registry: string;
  readonly auditPath: string;
  readonly tokenFile: string;
  /** Directory in which `ssh` is found first. */
  readonly sshDirectory: string;
}

const START_MS = 30_000;

/** Starts the hub with the permissions it ships with, and those for its directory here. */
export async function startSoakHub(options: SoakHubOptions): Promise<SoakHub> {
  const { port } = options;
  let child = spawnHub(options);
  let isKilled = false;
  let fault: string | null = null;

  async function watch(process: Deno.ChildProcess): Promise<void> {
    const { code, signal } = await process.status;
    if (!isKilled) fault = `the hub ended by itself: code ${code}, signal ${signal}`;
  }

  async function end(signal: Deno.Signal): Promise<void> {
    isKilled = true;
    child.kill(signal);
    await child.status;
  }

  void watch(child).catch(() => {});
  await untilListening(port);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    origin: `http://127.0.0.1:${port}`,
    pid: () => child.pid,
    fault: () => fault,
    killAndRestart: async () => {
      await end("SIGKILL");
      isKilled = false;
      child = spawnHub(options);
      void watch(child).catch(() => {});
      await untilListening(port);
    },
    [Symbol.asyncDispose]: () => end("SIGTERM"),
  };
}

function spawnHub(options: SoakHubOptions): Deno.ChildProcess {
  const { root, port, directory, registry } = options;
  const permissions = ["-P=hub", `--allow-write=${directory}`];
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      V8_FLAGS,
      ...permissions,
      "main.ts",
      "--registry",
      registry,
    ],
    cwd: root,
    env: {
      LMCP_PORT: String(port),
      LMCP_TOKEN_FILE: options.tokenFile,
      LMCP_HUB_AUDIT: options.auditPath,
      LMCP_HUB_CONTROL_DIR: `${directory}/ctl`,
      LMCP_LOG_LEVEL: "error",
      LD_LIBRARY_PATH: "",
      PATH: `${options.sshDirectory}:${Deno.env.get("PATH")}`,
    },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
