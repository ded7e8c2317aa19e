import type { DevState } from "./state.ts";

/** Editors may write a file in several steps. */
const SETTLE_MS = 200;

/** A run of the agent and the hub. */
export interface DevRun {
  /** The checkout, with a final slash. */
  readonly root: string;
  readonly state: DevState;
  /** The hub's port. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called when the hub accepts connections. */
  readonly onReady: () => void;
}

/**
 * Runs agent and hub until a source file changes (null), the signal aborts (0), or one of them
 * exits (its exit status). Both have exited when the promise settles.
 */
export async function runUntilChange(run: DevRun): Promise<number | null> {
  const programs = [startAgent(run), startHub(run)];
  using changes = watchSources(run.root);
  const over = Promise.withResolvers<number | null>();
  const onStop = () => over.resolve(0);
  run.signal.addEventListener("abort", onStop);
  changes.changed.then((hasChanged) => hasChanged && over.resolve(null));
  for (const program of programs) program.status.then(({ code }) => over.resolve(code));
  let isOver = false;
  over.promise.then(() => isOver = true);
  if (await answers(run.port, () => isOver)) run.onReady();
  const result = await over.promise;
  run.signal.removeEventListener("abort", onStop);
  for (const program of programs) stop(program);
  await Promise.all(programs.map(({ status }) => status));
  await Deno.remove(run.state.controlDirectory, { recursive: true });
  return result;
}

function startAgent({ root, state }: DevRun): Deno.ChildProcess {
  return start(root, "agent", ["--agent", "--port", String(state.agentPort), "--quiet"], {
    LMCP_TOKEN_FILE: state.agentTokenFile,
    LMCP_STATE_DIR: state.agentDirectory,
  });
}

function startHub({ root, state, port }: DevRun): Deno.ChildProcess {
  return start(root, "hub", ["--registry", state.registry, "--port", String(port)], {
    LMCP_TOKEN_FILE: state.hubTokenFile,
    LMCP_HUB_CONTROL_DIR: state.controlDirectory,
  }, [`--allow-write=${state.controlDirectory}`]);
}

/** Starts the program with the permissions it ships with, out of reach of the terminal's Ctrl-C. */
function start(
  root: string,
  permissions: string,
  args: readonly string[],
  env: Record<string, string>,
  more: readonly string[] = [],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `-P=${permissions}`,
      ...more,
      `${root}main.ts`,
      ...args,
    ],
    env,
    stdin: "null",
    detached: true,
  }).spawn();
}

function stop(program: Deno.ChildProcess): void {
  try {
    program.kill("SIGTERM");
  } catch {
    // It has exited.
  }
}

/** Waits until the hub accepts connections; false: `isOver` was true before. */
async function answers(port: number, isOver: () => boolean): Promise<boolean> {
  while (!isOver()) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}

/** `changed`: whether a file of the program or `hosts.toml` changed before it was disposed of. */
function watchSources(root: string): Disposable & { readonly changed: Promise<boolean> } {
  const watcher = Deno.watchFs(root);
  const isSource = (path: string) =>
    path.startsWith(`${root}lib/`) ||
    ["main.ts", "deno.json", "hosts.toml"].some((name) => path === root + name);

  async function firstChange(): Promise<boolean> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some(isSource)) continue;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      return true;
    }
    return false;
  }

  return { changed: firstChange(), [Symbol.dispose]: () => watcher.close() };
}
